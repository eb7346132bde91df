"""Files put together again from what was done to them, and each text that was written placed in its file."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracevet.extract.acts import Act, Event
from tracevet.extract.blocks import inner_block, whole_blocks
from tracevet.extract.buffer import Buffer
from tracevet.extract.events import Work
from tracevet.extract.piece import line_ranges
from tracevet.extract.rebuilt import Edit, Left, Placed, Ranges, Rebuilt, normal_path
from tracevet.model import Files, FileState

MAX_FILE = 200_000  # characters of a file that is rebuilt: beyond, its fragments are vetted alone
MAX_FILES = 2_000_000  # characters of all files of a session; the longest untouched are forgotten first
MAX_PASSING = 400_000  # characters of states that do not last to the end of their trace, of all files
MAX_NAMES = 2_000  # characters in which names of files are looked for; a longer text may mean any file
MAX_CALLS = 20_000  # calls that are remembered


def rebuild(done: Iterable[Work], files: Files, directory: str | None) -> Rebuilt:
    """Carry out what was done, on the files as an earlier trace left them."""
    bench = _Bench(files, directory)
    failed: set[tuple[str, str | None]] = set()
    for each in done:
        if each.failed:
            failed.add((each.span, each.call))
        if each.call is None or each.call not in bench.calls:
            touched = [bench.take(event) for event in each.events]
            if each.call is not None:
                bench.calls[each.call] = tuple(dict.fromkeys(path for path in touched if path))
    return bench.finish(frozenset(failed))


@dataclass(slots=True)
class _Open:
    """A file under work."""

    buffer: Buffer
    at: datetime | None = None
    waiting: dict[int, Event] = field(default_factory=dict)  # number -> what wrote it, not placed yet
    worked: bool = False  # the assistant wrote to it in this trace


class _Bench:
    """The files while a trace's events are carried out on them."""

    def __init__(self, files: Files, directory: str | None) -> None:
        self.directory = directory
        self.calls = dict(files.calls)
        self.states = dict(files.states)  # those that are not open
        self.open: dict[str, _Open] = {}
        self.number = 0
        self.passing = 0
        self.placed: dict[int, Placed] = {}
        self.left: dict[str, Left] = {}
        self.edits: list[Edit] = []

    def take(self, event: Event) -> str:
        """Carry out one event, and give the file's normal path."""
        if event.act is Act.LOST and not event.path:
            self._lose_named(event.text)
            return ""
        path = normal_path(event.path, self.directory)
        self.number += 1
        _ACTS[event.act](self, path, event)
        file = self.open.get(path)
        if file is not None:
            file.at = event.at or file.at
            if len(file.buffer.text) > MAX_FILE:
                self._lose(path)
        return path

    def finish(self, failed: frozenset[tuple[str, str | None]]) -> Rebuilt:
        """Place what waits in the files as they are now."""
        for path, file in self.open.items():
            self._place(path, file, last=True)
            self._leave(path, file)
            self.states.pop(path, None)
            self.states[path] = file.buffer.state()
        placed = tuple(self.placed[number] for number in sorted(self.placed))
        return Rebuilt(
            files=Files(states=_kept(self.states), calls=_last(self.calls, MAX_CALLS)),
            placed=placed,
            left=tuple(self.left.values()),
            edits=tuple(self.edits),
            failed=failed,
        )

    def wrote(self, path: str, event: Event) -> None:
        """Put a whole text in the place of the file."""
        file = self._get(path)
        if file is None:
            file = self.open[path] = _Open(buffer=Buffer.new(event.text, self.number))
            self._note(file, event)
        else:
            self._put(path, file, 0, len(file.buffer.text), event)
            file.buffer.known = None

    def appended(self, path: str, event: Event) -> None:
        """Put a text behind the end."""
        file = self._get(path)
        if file is None or file.buffer.known is not None:
            self._miss(path, event)
            return
        end = len(file.buffer.text)
        joint = "" if not end or file.buffer.text.endswith("\n") else "\n"
        self._put(path, file, end, end, event, joint + event.text)

    def inserted(self, path: str, event: Event) -> None:
        """Put lines between others."""
        file = self._get(path)
        at = file.buffer.after(event.line or 0) if file else None
        if file is None or at is None:
            self._miss(path, event)
            return
        text = event.text if at == len(file.buffer.text) else event.text + "\n"
        joint = "\n" if at and not file.buffer.text[:at].endswith("\n") else ""
        self._put(path, file, at, at, event, joint + text)

    def replaced(self, path: str, event: Event) -> None:
        """Put a text where another stood."""
        file = self._get(path)
        found = file.buffer.find(event.old, event.text, every=event.every, near=event.line) if file else None
        if file is None or found is None:
            self._miss(path, event)
            return
        start, end, text = found
        self._put(path, file, start, end, event, text)

    def saw(self, path: str, event: Event) -> None:
        """Learn what stands in a file."""
        file = self._get(path)
        if len(event.text) + (event.line or 1) > MAX_FILE:
            self._lose(path)
        elif file is None:
            self.open[path] = _Open(buffer=Buffer.seen(event.text, event.line or 1, whole=event.whole))
        elif file.buffer.agrees(event.text, event.line or 1, whole=event.whole):
            return
        elif file.buffer.known is None and not event.whole:  # who knows what else is different
            self._place(path, file, last=False)
            file.buffer = Buffer.seen(event.text, event.line or 1, whole=False)
        else:
            if file.buffer.loses(event.text, event.line or 1, whole=event.whole, waiting=file.waiting):
                self._place(path, file, last=False)
            file.buffer.learn(event.text, event.line or 1, whole=event.whole)

    def moved(self, path: str, event: Event) -> None:
        """Give the file another name."""
        file, to = self._get(path), normal_path(event.to, self.directory)
        if file is not None:
            self._place(path, file, last=False)
            del self.open[path]
            self._lose(to)
            self.open[to] = file

    def lost(self, path: str, event: Event) -> None:
        """Forget the file."""
        self._lose(path)

    def _get(self, path: str) -> _Open | None:
        file = self.open.get(path)
        state = self.states.pop(path, None) if file is None else None
        if state is not None:
            file = self.open[path] = _Open(buffer=Buffer.of(state))
        return file

    def _put(self, path: str, file: _Open, start: int, end: int, event: Event, text: str | None = None) -> None:
        new = (event.text if text is None else text).replace("\r\n", "\n")
        if file.buffer.overwrites(start, end, new, file.waiting):
            self._place(path, file, last=False)
        file.buffer.put(start, end, new, self.number)
        self._note(file, event)

    def _note(self, file: _Open, event: Event) -> None:
        file.waiting[self.number] = event
        file.worked = True

    def _miss(self, path: str, event: Event) -> None:
        """The file is not what we took it for: its fragments are vetted alone until it is seen again."""
        self._lose(path)
        self.edits.append(Edit(path=path, at=event.at, old=event.old, new=event.text))

    def _lose(self, path: str) -> None:
        file = self.open.pop(path, None)
        self.states.pop(path, None)
        if file is not None and len(file.buffer.text) <= MAX_FILE:
            self._place(path, file, last=False)
            self._leave(path, file)

    def _lose_named(self, text: str) -> None:
        text = "" if len(text) > MAX_NAMES else text
        folders = [f"/{bare}/" for word in text.split() if (bare := word.strip("./"))]
        for path in [*self.states, *self.open]:
            if not text or posixpath.basename(path) in text or any(folder in path for folder in folders):
                self._lose(path)

    def _leave(self, path: str, file: _Open) -> None:
        if file.buffer.known is None:
            former = self.left.pop(path, None)
            written = file.worked or (former is not None and former.written)
            self.left[path] = Left(path=path, at=file.at, text=file.buffer.text, written=written)

    def _place(self, path: str, file: _Open, *, last: bool) -> None:
        """Place what waits in the file as it is now; a state that will not last must fit into what is left for such."""
        waiting, file.waiting = file.waiting, {}
        if not last:
            self.passing += len(file.buffer.text) if waiting else 0
            if self.passing > MAX_PASSING:
                return
        for number, (text, lines) in _shown(file.buffer, waiting).items():
            event = waiting[number]
            self.placed[number] = Placed(
                span=event.span,
                call=event.call,
                fragment=event.text.rstrip("\r\n"),
                path=path,
                text=text,
                changed=lines,
            )


_ACTS = {
    Act.WROTE: _Bench.wrote,
    Act.APPENDED: _Bench.appended,
    Act.REPLACED: _Bench.replaced,
    Act.INSERTED: _Bench.inserted,
    Act.SAW: _Bench.saw,
    Act.MOVED: _Bench.moved,
    Act.LOST: _Bench.lost,
}


def _shown(buffer: Buffer, waiting: Iterable[int]) -> dict[int, tuple[str, Ranges | None]]:
    """Give for each change the file as it is to be vetted, and the lines that it wrote; of a file that is known in
    part, the whole blocks that were changed, or else as much of a block as is known.
    """
    lines = defaultdict(list)
    for number, owner in enumerate(buffer.owners, 1):
        lines[owner].append(number)
    if buffer.known is None:
        text = buffer.text.rstrip("\n")
        count = text.count("\n") + 1
        mine = {change: [line for line in lines[change] if line <= count] for change in waiting}
        return {c: (text, None if len(its) == count else line_ranges(its)) for c, its in mine.items()}
    wanted = {change: (lines[change][0], lines[change][-1]) for change in waiting if lines[change]}
    text, blocks = whole_blocks(buffer.text, buffer.known, wanted.values())
    shown: dict[int, tuple[str, Ranges | None]] = {}
    for change, (first, last) in wanted.items():
        whole = any(a <= first and last <= b for a, b in blocks)
        inner = None if whole else inner_block(buffer.text, buffer.known, (first, last))
        if whole or inner:
            shown[change] = ((inner[0] if inner else text).rstrip("\n"), line_ranges(lines[change]))
    return shown


def _kept(states: Mapping[str, FileState]) -> dict[str, FileState]:
    """Keep the files touched last, as many as there is room for."""
    room, kept = MAX_FILES, []
    for path, state in reversed(list(states.items())):
        room -= len(state.text) + len(path)
        if room < 0:
            break
        kept.append((path, state))
    return dict(reversed(kept))


def _last(calls: dict[str, tuple[str, ...]], count: int) -> dict[str, tuple[str, ...]]:
    return calls if len(calls) <= count else dict(list(calls.items())[-count:])
