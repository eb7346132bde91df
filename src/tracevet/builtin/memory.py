"""Remember what files held, so that those which have not changed need not be read again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from itertools import islice

from pydantic import Field, ValidationError

from tracevet.builtin.files import STDIN, Found
from tracevet.builtin.streams import CHUNK, raw
from tracevet.model import Gap, Trace
from tracevet.model.base import Frozen
from tracevet.plugin import Cursor, Unchanged

CAP = 5_000  # groups of files


class Held(Frozen):
    """One trace that a group of files held."""

    id: str
    content: str
    moment: datetime | None  # by which it is in a window or not


class Group(Frozen):
    """All that a group of files held; gaps are told again each time."""

    traces: tuple[Held, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def unchanged(self) -> tuple[tuple[Unchanged, datetime | None], ...]:
        """Give the traces as a page names them, each with its moment."""
        return tuple((Unchanged(id=held.id, content=held.content), held.moment) for held in self.traces)


class Memory(Frozen):
    """What each group of files held, by the digest of the files; made of the cursor, and made into the next one."""

    reader: str = Field(default_factory=lambda: version("tracevet"))
    groups: dict[str, Group] = Field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None) -> "Memory":
        """Read a cursor; one that another version made, or that can't be read, is no memory."""
        try:
            memory = cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()
        return memory if memory.reader == version("tracevet") else cls()

    def renewed(self, groups: dict[str, Group]) -> "Memory":
        """Give the memory of these groups, and of others met before as far as there is room."""
        return Memory(groups=dict(islice((groups | self.groups).items(), max(CAP, len(groups)))))

    def cursor(self) -> Cursor:
        """Write it down."""
        return Cursor(self.model_dump_json())


def held(traces: Sequence[Trace], gaps: Sequence[Gap]) -> Group:
    """Note what a group of files held."""
    kept = (Held(id=trace.id, content=trace.content, moment=moment(trace)) for trace in traces)
    return Group(traces=tuple(kept), gaps=tuple(gaps))


def moment(trace: Trace) -> datetime | None:
    """Give the time by which a trace is in a window or not."""
    return trace.end or trace.start


def digest(files: Sequence[Found]) -> str | None:
    """Give the digest of the files' names and bytes; None for what can't be read twice, or at all."""
    if any(file.path == STDIN for file in files):
        return None
    whole = hashlib.blake2b(digest_size=16)
    try:
        for file in files:
            whole.update(f"{file.shown}\0{file.size}\0".encode("utf-8", "surrogatepass"))
            with raw(file.path) as stream:
                while chunk := stream.read(CHUNK):
                    whole.update(chunk)
    except OSError:
        return None
    return whole.hexdigest()
