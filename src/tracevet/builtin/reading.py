"""Read one file after the other: transcripts become traces at once, exports are gathered until all are read."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BufferedReader
from itertools import chain

from tracevet.builtin import parquet
from tracevet.builtin.exports import Exports
from tracevet.builtin.files import STDIN, Found, unreadable
from tracevet.builtin.repeats import Repeats
from tracevet.builtin.rows import HEAD, NotJsonError, read_rows
from tracevet.builtin.shapes import TRANSCRIPTS, Shape, shape
from tracevet.builtin.streams import opened, peek, rest
from tracevet.model import Gap, GapReason, Json, Trace
from tracevet.records import claude_code, codex
from tracevet.records.counts import GapCounts
from tracevet.records.values import Row, text

_ROWS = 200  # looked at before a file is no trace file
_TURNS = {Shape.CLAUDE_CODE: claude_code.turns, Shape.CODEX: codex.turns}
# A file in which no row could be read may still be a broken one of ours: its keys tell.
_HINTS = (b'"sessionId"', b'"parentUuid"', b'"traceId"', b'"trace_id"', b'"run_type"', b'"payload"')

_Numbered = tuple[int | None, Json]  # line, row


class Reading:
    """What is read so far, and what is still to be handed over."""

    def __init__(self, platform: str, cap: int) -> None:
        """Begin; `cap` is the longest line that is read, in bytes."""
        self.bytes_read = 0
        self.exports = Exports(platform)
        self._repeats = Repeats()
        self._platform, self._cap = platform, cap
        self._files = 0
        self.aside = 0  # files that gave no turns: exports, and what was not recognised
        self._strangers: dict[str, tuple[str, int]] = {}  # directory named by the user -> first file, how many

    def close(self) -> None:
        """Drop everything."""
        self.exports.close()
        self._repeats.close()

    def read(self, file: Found) -> Iterator[Trace | Gap]:
        """Yield the turns of a transcript, or put an export's rows aside; then a gap for each kind of trouble.

        Raises:
            SourceError: there is no room for an export, or the extra for its format is missing.
        """
        self._files += 1
        losses, breaks, behind = GapCounts(), GapCounts(), self.bytes_read + file.size
        try:
            with opened(file.path, self._tell, lambda error: _broken(error, breaks)) as stream:
                yield from self._content(stream, file, losses)
        except OSError as error:
            yield unreadable(file.shown, error)
        yield from (*losses.gaps(file.shown), *breaks.gaps(file.shown))
        self.bytes_read = max(self.bytes_read, behind)

    def strangers(self) -> Iterator[Gap]:
        """Yield how many files of each directory are no trace files, under the name of the first."""
        for shown, count in self._strangers.values():
            yield Gap(reason=GapReason.UNKNOWN_KIND, detail="not a trace file", path=shown, count=count)

    def _tell(self, size: int) -> None:
        self.bytes_read += size

    def _content(self, stream: BufferedReader, file: Found, losses: GapCounts) -> Iterator[Trace | Gap]:
        head, stream = peek(stream, HEAD)
        if head.startswith(parquet.MAGIC):
            rows = _unnumbered(self._parquet(stream, file, losses))
        else:
            rows = read_rows(stream, losses, self._cap)
        try:
            first, kind = _recognise(rows)
        except NotJsonError:
            first, kind = [], None
        if kind in TRANSCRIPTS:
            yield from self._turns(kind, chain(first, rows), losses)
        elif kind:
            self.aside += 1
            self._gather(chain(first, rows), losses)
        else:
            self.aside += 1
            yield from self._stranger(file, head, losses)

    def _turns(self, kind: Shape, rows: Iterable[_Numbered], losses: GapCounts) -> Iterator[Trace | Gap]:
        for item in _TURNS[kind](_objects(rows, losses), platform=self._platform):
            if isinstance(item, Gap):
                losses.add(item.reason, item.detail, count=item.count)
            elif trace := self._repeats.new(item):
                yield trace

    def _gather(self, rows: Iterable[_Numbered], losses: GapCounts) -> None:
        for line, row in rows:
            kind = shape(row)
            if kind is None or kind in TRANSCRIPTS or not isinstance(row, dict):
                losses.add(GapReason.UNKNOWN_KIND, "rows that are neither observations nor runs", line=line)
            elif not self.exports.add(row, kind, self._files):
                losses.add(GapReason.TOO_LARGE, "rows that are nested too deeply", line=line)

    def _stranger(self, file: Found, head: bytes, losses: GapCounts) -> Iterator[Gap]:
        """Count a file in which nothing was recognised; what broke in it matters only if it looks like one of ours."""
        found = losses.gaps(file.shown)
        losses.clear()
        ours = any(hint in head for hint in _HINTS)
        yield from (gap for gap in found if ours or gap.reason is GapReason.TOO_LARGE)
        under = file.under or file.shown
        shown, count = self._strangers.get(under, (file.shown, 0))
        self._strangers[under] = (shown, count + 1)

    def _parquet(self, stream: BufferedReader, file: Found, losses: GapCounts) -> Iterator[Json]:
        plain = file.path != STDIN and _starts_with(file.path, parquet.MAGIC)
        with closing(open(file.path, "rb") if plain else parquet.spooled(rest(stream))) as source:
            yield from parquet.read_parquet(source, losses)


def _recognise(rows: Iterator[_Numbered]) -> tuple[list[_Numbered], Shape | None]:
    """Take rows until one tells what the file is; of those before it, only the kind is kept, to be counted."""
    taken: list[_Numbered] = []
    for line, row in rows:
        if kind := shape(row):
            return [*taken, (line, row)], kind
        taken.append((line, {"type": text(row.get("type"))} if isinstance(row, dict) else None))
        if len(taken) == _ROWS:
            break
    return taken, None


def _broken(error: Exception, losses: GapCounts) -> None:
    if isinstance(error, OSError) and error.errno:
        losses.add(GapReason.UNREADABLE, unreadable("", error).detail)
    else:
        losses.add(GapReason.MALFORMED, "packed data that is damaged or cut off: the rest of it was not read")


def _objects(rows: Iterable[_Numbered], losses: GapCounts) -> Iterator[Row]:
    for line, row in rows:
        if isinstance(row, dict):
            yield row
        else:
            losses.add(GapReason.MALFORMED, "lines that hold no object", line=line)


def _unnumbered(rows: Iterator[Json]) -> Iterator[_Numbered]:
    return ((None, row) for row in rows)


def _starts_with(path: str, magic: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(magic)) == magic
