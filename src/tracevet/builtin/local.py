"""The platform of files on this machine: transcripts of assistants, and exports of Langfuse and LangSmith."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import ClassVar

from tracevet.builtin.files import STDIN, Found, find
from tracevet.builtin.memory import Group, Memory, digest, held, moment
from tracevet.builtin.plan import plan
from tracevet.builtin.reading import Reading
from tracevet.builtin.streams import MEGABYTE
from tracevet.errors import ConfigError, SourceError
from tracevet.model import Gap, Receipt, Trace, Verdict
from tracevet.plugin import Cursor, Page, Platform, Unchanged, Window

PAGE_TRACES = 50
PAGE_BYTES = 4 * MEGABYTE
QUIET_BYTES = 64 * MEGABYTE  # read without a trace before a page says how far it got


class LocalPlatform(Platform):
    """Reads files by their content; verdicts on them live in the ledger."""

    name: ClassVar[str] = "local"
    cursor_is_memory: ClassVar[bool] = True
    summary: ClassVar[str] = "Transcripts of Claude Code and Codex, and exports of Langfuse and LangSmith, from files."

    def __init__(self, *, paths: tuple[str, ...] = (), max_line_mb: int = 64) -> None:
        """Take the paths to read: files, directories, globs, or `-`; without any, where the assistants write."""
        if max_line_mb < 1:
            raise ConfigError(f"max_line_mb = {max_line_mb} of the platform local: it must be at least 1")
        self._paths = tuple(paths)
        self._cap = max_line_mb * MEGABYTE

    def check(self) -> Iterator[str]:
        """Say which of the given paths does not exist; that no assistant has run here yet is no fault."""
        named = tuple(path for path in self._paths if path != STDIN)
        try:
            next(find(named) if named else iter(()), None)
        except SourceError as error:
            yield str(error)

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield what the files hold; the last page has the cursor, with which unchanged transcripts are only named.

        Turns of transcripts come file by file; traces of exports come last, since their rows may stand in several
        files. A turn that stands in several files comes once, unless a later copy holds more of it.

        Raises:
            SourceError: a path does not exist, an extra is missing, or the temporary directory is full.
        """
        found = list(find(self._paths))
        files = [entry for entry in found if isinstance(entry, Found)]
        with closing(Reading(self.name, self._cap)) as reading:
            pages = _Pages(window, reading, files)
            for gap in found:
                if isinstance(gap, Gap):
                    yield from pages.add(gap)
            memory, groups = Memory.of(cursor), {}
            for group in plan(files):
                key = digest(group)
                if key in memory.groups:
                    reading.bytes_read += sum(file.size for file in group)
                    yield from pages.again(memory.groups[key])
                    groups[key] = memory.groups[key]
                else:
                    items = yield from self._read(group, reading, pages)
                    if key and items is not None:
                        groups[key] = items
                yield from pages.tell()
            for trace, size in reading.exports.traces():
                yield from pages.add(trace, size)
            for gap in reading.strangers():
                yield from pages.add(gap)
            yield pages.last(memory.renewed(groups).cursor())

    def _read(self, group: Sequence[Found], reading: Reading, pages: "_Pages") -> Generator[Page, None, Group | None]:
        """Read files of one session; return what they held, or None when they are exports or strangers."""
        traces: list[Trace] = []
        gaps: list[Gap] = []
        aside = reading.aside
        for file in group:
            for item in reading.read(file):
                if isinstance(item, Gap):
                    gaps.append(item)
                else:
                    traces.append(
                        Trace(
                            platform=item.platform,
                            id=item.id,
                            spans=(),
                            content=item.content,
                            start=item.start,
                            end=item.end,
                        )
                    )
                yield from pages.add(item)
        return held(traces, gaps) if reading.aside == aside else None

    def write(self, verdict: Verdict) -> Receipt:
        """Accept the verdict: the ledger, which holds it already, is where local verdicts live."""
        return Receipt(verdict=verdict.id)


class _Pages:
    """Fills pages with what is in the window."""

    def __init__(self, window: Window, reading: Reading, files: list[Found]) -> None:
        self._window, self._reading = window, reading
        self._total = None if any(file.path == STDIN for file in files) else sum(file.size for file in files)
        self._handed = 0  # bytes of exports
        self._marked = 0  # bytes of files, when the last page went
        self._size = 0  # bytes of exports on this page
        self._traces: list[Trace] = []
        self._unchanged: list[Unchanged] = []
        self._gaps: list[Gap] = []

    def add(self, item: Trace | Gap, size: int = 0) -> Iterator[Page]:
        """Put it on the page; yield the page when it is full."""
        self._handed += size
        self._size += size
        if isinstance(item, Gap):
            self._gaps.append(item)
        elif self._inside(moment(item)):
            self._traces.append(item)
        read = self._reading.bytes_read - self._marked
        if len(self._traces) + len(self._gaps) >= PAGE_TRACES or (self._traces and read + self._size >= PAGE_BYTES):
            yield from self.flush()

    def again(self, group: Group) -> Iterator[Page]:
        """Put what a group of files held when it was last read on the page."""
        self._gaps.extend(group.gaps)
        self._unchanged.extend(one for one, at in group.unchanged() if self._inside(at))
        if len(self._unchanged) + len(self._gaps) >= PAGE_TRACES:
            yield self._take()

    def tell(self) -> Iterator[Page]:
        """Yield a page, an empty one even, when much was read since the last."""
        if self._reading.bytes_read - self._marked >= QUIET_BYTES:
            yield self._take()

    def last(self, cursor: Cursor) -> Page:
        """Give what is left, with the cursor."""
        return self._take(cursor)

    def flush(self) -> Iterator[Page]:
        """Yield the page unless it is empty."""
        if self._traces or self._gaps:
            yield self._take()

    def _take(self, cursor: Cursor | None = None) -> Page:
        page = Page(
            traces=tuple(self._traces),
            unchanged=tuple(self._unchanged),
            gaps=tuple(self._gaps),
            cursor=cursor,
            done=self._done(),
        )
        self._traces, self._unchanged, self._gaps, self._size = [], [], [], 0
        self._marked = self._reading.bytes_read
        return page

    def _done(self) -> float | None:
        """Count exports twice, once when they are read and once when they are handed over."""
        if self._total is None:
            return None
        whole = self._total + self._reading.exports.size
        return min(1.0, (self._reading.bytes_read + self._handed) / whole) if whole else 1.0

    def _inside(self, at: datetime | None) -> bool:
        start, end = self._window.start, self._window.end
        return at is None or ((start is None or start <= at) and (end is None or at < end))
