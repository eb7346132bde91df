"""The sessions of a run: each trace put into its session in the order of time, whatever order the traces come in."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracevet.model import Session, Status, Trace, Verdict
from tracevet.model.session import Files, When
from tracevet.pipeline import Prepared, Results, Setup, Taken, join, take, told
from tracevet.session import changes, ends, learn, restate, statuses, when

ACTIVE_SESSIONS = 500
MAX_PAST = 2_000_000  # characters of a session's traces that can be put in order anew
MAX_MEMORY = 48_000_000  # characters of all sessions' traces and files; the longest untouched sessions lose theirs
FREE_TURNS = 50  # traces put in order anew for nothing; beyond, as many as there are traces, so that time stays linear
TURNS_PER_TRACE = 4

_NO_FILES = Files(states={}, calls={})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A trace that was put into its session, and the session before it."""

    at: When
    taken: Taken
    before: Session

    @property
    def order(self) -> tuple[When, str]:
        return self.at, self.taken.trace.id


@dataclass(slots=True, kw_only=True)
class _Line:
    """One session of the run."""

    session: Session  # files, context and digests, after the youngest step
    told: Session  # notes and marks, after the last verdict
    steps: list[_Step] = field(default_factory=list)  # in the order of time
    floor: tuple[When, str] | None = None  # youngest step that can't be put in order anew
    turns: int = 0  # traces put in order anew
    seen: int = 0
    size: int = 0  # characters

    def since(self, order: tuple[When, str]) -> list[_Step]:
        """Give the steps from a place in time on."""
        return [step for step in self.steps if step.order >= order]


class Following:
    """Keeps the active sessions of a run."""

    def __init__(self, setup: Setup, load: Callable[[str], Session | None]) -> None:
        """Start without any; `load` gives a session as an earlier run left it."""
        self._setup = setup
        self._load = load
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._size = 0

    def begin(self, trace: Trace) -> list[tuple[Prepared, Session]]:
        """Put a trace into its session, and give it with the session after it.

        Where younger traces of the session came before it, they follow, put in order anew: what is in their verdicts
        may be different now. A trace that is too old for that is prepared without the session's files.
        """
        line = self._line(trace.session_id or trace.id, stored=trace.session_id is not None)
        self._size -= line.size
        at = when(trace, line.session)
        cut = line.since(min([(at, trace.id), *(step.order for step in line.steps if step.taken.trace.id == trace.id)]))
        taken = take(trace, cut[0].before if cut else line.session, self._setup)
        line.seen += 1
        done = self._in_order(line, taken, at)
        self._forget_past(line)
        self._size += line.size
        self._relieve()
        return done

    def learn(self, prepared: Prepared, results: Results, verdict: Verdict) -> tuple[Session, set[str]]:
        """Note what a verdict tells of its session, and give the traces whose violations changed their status."""
        line = self._line(prepared.session, stored=prepared.trace.session_id is not None)
        before = line.told
        line.told = learn(before, told(prepared, results, self._setup), verdict)
        return line.told, set(changes(before, line.told)) - {prepared.trace.id}

    def restate(self, verdict: Verdict, name: str) -> Verdict:
        """Give the verdict with what became of its violations."""
        line = self._lines.get(name)
        return restate(verdict, statuses(line.told, verdict.trace.id)) if line and verdict.violations else verdict

    def forget(self, names: Iterable[str]) -> None:
        """Forget sessions: another process may go on with them."""
        for name in names:
            if (line := self._lines.pop(name, None)) is not None:
                self._size -= line.size

    def ends(self, trace: str, name: str) -> dict[str, datetime]:
        """Tell when the corrected violations of a session's trace were gone, by fingerprint."""
        line = self._lines.get(name)
        return ends(line.told, trace) if line else {}

    def current(self, name: str) -> dict[str, dict[str, Status]]:
        """Give what became of a session's violations, by trace and fingerprint."""
        found: dict[str, dict[str, Status]] = {}
        for mark in self._lines[name].told.marks if name in self._lines else ():
            found.setdefault(mark.trace, {})[mark.fingerprint] = mark.status
        return found

    def _line(self, name: str, *, stored: bool) -> _Line:
        line = self._lines.get(name)
        if line is None:
            session = (self._load(name) if stored else None) or Session(id=name)
            line = self._lines[name] = _Line(session=session, told=session)
        self._lines.move_to_end(name)
        return line

    def _in_order(self, line: _Line, taken: Taken, at: When) -> list[tuple[Prepared, Session]]:
        order = (at, taken.trace.id)
        others = [step for step in line.steps if step.taken.trace.id != taken.trace.id]
        same = next((step for step in line.steps if step.taken.trace.id == taken.trace.id), None)
        first = min([order, *([same.order] if same else [])])
        younger = [step for step in others if step.order > first]
        turns = len(younger)
        late = line.floor is not None and first <= line.floor
        if late or (turns and line.turns + turns > FREE_TURNS + TURNS_PER_TRACE * line.seen):
            return [self._beside(line, taken, at)]
        line.turns += turns
        cut = line.since(first)
        session = cut[0].before if cut else line.session
        line.steps = [step for step in line.steps if step.order < first]
        waiting = sorted(
            [(at, taken), *((step.at, step.taken) for step in younger)], key=lambda e: (e[0], e[1].trace.id)
        )
        done = []
        for its_time, each in waiting:
            line.steps.append(_Step(at=its_time, taken=each, before=session))
            prepared, session = join(each, session, its_time)
            done.append((prepared, session))
        line.session = session
        return done

    def _beside(self, line: _Line, taken: Taken, at: When) -> tuple[Prepared, Session]:
        """Put a trace into its session without touching the files, which younger traces changed already."""
        files = line.session.files
        prepared, session = join(taken, line.session.model_copy(update={"files": _NO_FILES}), at)
        line.session = session.model_copy(update={"files": files})
        return prepared, line.session

    def _forget_past(self, line: _Line) -> None:
        """Keep as many of the youngest steps as there is room for."""
        sizes = [step.taken.size for step in line.steps]
        files = sum(len(state.text) for state in line.session.files.states.values())
        while len(line.steps) > 1 and sum(sizes) > MAX_PAST:
            line.floor = line.steps.pop(0).order
            sizes.pop(0)
        line.size = sum(sizes) + files

    def _relieve(self) -> None:
        while len(self._lines) > 1 and (len(self._lines) > ACTIVE_SESSIONS or self._size > MAX_MEMORY):
            _, line = self._lines.popitem(last=False)
            self._size -= line.size


def in_time(traces: Sequence[Trace]) -> list[Trace]:
    """Put the traces of each session in the order of time, in the places that they have among the others."""
    sessions: dict[str, list[Trace]] = {}
    for trace in traces:
        sessions.setdefault(trace.session_id or trace.id, []).append(trace)
    ordered = {name: iter(_by_time(found)) for name, found in sessions.items()}
    return [next(ordered[trace.session_id or trace.id]) for trace in traces]


def _by_time(traces: Iterable[Trace]) -> list[Trace]:
    """Sort by time; traces without one stay where they are, after those before them."""
    session = Session(id="")
    keyed = []
    for trace in traces:
        at = when(trace, session)
        session = session.model_copy(update={"last": max(session.last, at)})
        keyed.append((at, trace))
    return [trace for _, trace in sorted(keyed, key=lambda entry: entry[0])]
