"""What engines tell while a backfill goes on."""

from typing import TypeAlias

from pydantic import Field

from tracevet.model import Gap
from tracevet.model.base import Frozen


class Read(Frozen):
    """A file of the export was read."""

    file: int  # its place in the plan
    rows: int
    gaps: tuple[Gap, ...] = ()


class Vetted(Frozen):
    """A bucket was vetted, and the ledger has all of it."""

    bucket: int
    traces: int = 0
    spans: int = 0
    unchanged: int = 0  # traces whose verdict stood in the ledger
    violating: int = 0  # traces
    violations: int = 0  # open ones
    snippets: int = 0
    scanned: int = 0  # snippets that a detector ran on
    remembered: int = 0  # snippets that the ledger answered for
    gaps: dict[str, int] = Field(default_factory=dict)  # reason -> how often
    seconds: float = 0.0


class Lost(Frozen):
    """Something that can't be done: each worker that tried ended. A later backfill tries it again."""

    what: str
    attempts: int


Event: TypeAlias = Read | Vetted | Lost
