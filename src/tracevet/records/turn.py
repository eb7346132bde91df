"""One turn of a transcript while it is being read: prompt, answers, calls and results become a trace."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tracevet.model import GapReason, Json, Span, SpanKind, Trace
from tracevet.records.counts import GapCounts
from tracevet.records.seal import seal
from tracevet.records.values import when

MAX_WEIGHT = 32 * 2**20  # characters: a turn beyond this becomes several traces, so that no file fills the memory

_OVERHEAD, _NODE = 500, 50  # characters' worth of memory for a span, and for each value in it


@dataclass(slots=True, kw_only=True)
class _Step:
    """A span in the making."""

    kind: SpanKind
    name: str
    parent: str
    start: datetime | None
    end: datetime | None = None
    input: Json = None
    output: Json = None
    metadata: dict[str, Json] = field(default_factory=dict)
    model: str | None = None
    blocks: list[tuple[str, Json]] = field(default_factory=list)  # time as recorded, block of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """The result of a call."""

    output: Json
    end: datetime | None
    failed: bool


class Turn:
    """Collects the rows of one turn in whatever order they come; `trace` gives what was collected."""

    def __init__(self, *, key: str, root: str, session: str | None, name: str, part: int = 1) -> None:
        """Begin a turn; `key` is the id of its trace, `root` of its root span; `part` counts from 1."""
        self.key, self.root, self.session, self.name, self.part = key, root, session, name, part
        self.prompt: Json = None
        self.metadata: dict[str, Json] = {}
        self.start: datetime | None = None
        self.weight = 0  # characters collected
        self._steps: list[tuple[str, _Step]] = []  # id as recorded, in order of appearance
        self._answers: dict[str, _Step] = {}
        self._calls: dict[str, _Step] = {}
        self._results: dict[str, _Result] = {}
        self._asked = 0
        self._losses = GapCounts()

    def ask(self, content: Json, stamp: Json) -> None:
        """Add what the user said: the prompt, or a message while the turn was running."""
        time = self._time(stamp)
        self.weigh(content)
        if self.prompt is None and self.part == 1:
            self.prompt, self.start = content, self.start or time
            return
        self._asked += 1
        step = _Step(kind=SpanKind.SPAN, name="user message", parent=self._key(), start=time, end=time)
        step.input = {"role": "user", "content": content}
        self._steps.append((f"{self._key()}:user:{self._asked}", step))

    def message(self, message: str, stamp: Json, model: str | None = None) -> None:
        """Add an answer, or a further row of one: all rows of a message make one span."""
        time = self._time(stamp)
        step = self._answers.get(message)
        if step is None:
            step = _Step(kind=SpanKind.GENERATION, name="assistant", parent=self._key(), start=time)
            self._answers[message] = step
            self._steps.append((message, step))
        step.end = max(filter(None, (step.end, time)), default=None)
        step.start = min(filter(None, (step.start, time)), default=None)
        step.model = step.model or model

    def say(self, message: str, block: Json, stamp: Json) -> None:
        """Add a block to an answer that was added before; the blocks come in the order of their times."""
        self._answers[message].blocks.append((stamp if isinstance(stamp, str) else "", block))
        self.weigh(block)

    def call(self, call: str, name: str, given: Json, stamp: Json, *, message: str | None = None) -> None:
        """Add a call of a tool, made by the named message; one that comes again unchanged is one call."""
        known = self._calls.get(call)
        if known and known.input == given:
            return
        parent = message if message and message in self._answers else self._key()
        step = _Step(kind=SpanKind.TOOL, name=name, parent=parent, start=self._time(stamp), input=given)
        step.metadata = {"tool_use_id": call}
        self._calls.setdefault(call, step)
        self._steps.append((call, step))
        self.weigh(given)

    def result(self, call: str, output: Json, stamp: Json, *, failed: bool = False) -> None:
        """Add the result of a call, which may be added before or after it; the first result counts."""
        if call not in self._results:
            self._results[call] = _Result(output=output, end=self._time(stamp), failed=failed)
            self.weigh(output)

    def lose(self, reason: GapReason, detail: str) -> None:
        """Count something of this turn that could not be read."""
        self._losses.add(reason, detail)

    def note(self, **facts: Json) -> None:
        """Keep facts about the turn; the first value of each counts."""
        for key, value in facts.items():
            if value not in (None, ""):
                self.metadata.setdefault(key, value)

    def shows(self, call: str) -> bool:
        """Tell whether the call is known."""
        return call in self._calls

    def rename(self, key: str, root: str) -> None:
        """Take the id that was recorded, while nothing hangs on the other one."""
        self.key, self.root = key, root

    @property
    def busy(self) -> bool:
        """Tell whether there is more than a prompt."""
        return bool(self._steps or self._results)

    @property
    def empty(self) -> bool:
        """Tell whether nothing was collected."""
        return self.prompt is None and not self._steps and not self._results

    def unanswered(self) -> dict[str, str]:
        """Give the calls that have no result, with the tools' names: the results may come in a later turn."""
        return {call: step.name for call, step in self._calls.items() if call not in self._results}

    def next_part(self) -> "Turn":
        """Begin the trace that goes on where this one was cut."""
        turn = Turn(key=self.key, root=self.root, session=self.session, name=self.name, part=self.part + 1)
        turn.metadata = {**self.metadata, "part": turn.part}
        return turn

    def trace(self, platform: str, waiting: dict[str, str]) -> Trace:
        """Give the turn as a trace; `waiting` names the calls of earlier turns whose results may be here."""
        self._settle(waiting)
        suffix = f":part{self.part}" if self.part > 1 else ""
        prompt: Json = {"role": "user", "content": self.prompt} if self.prompt is not None else None
        if self.prompt is None and self.part == 1:
            self.lose(GapReason.NOT_RECORDED, "the prompt of this turn is not in the file")
        times = [time for _, step in self._steps for time in (step.start, step.end) if time]
        root = Span(
            id=self._key(),
            kind=SpanKind.AGENT,
            name=self.name,
            start=self.start or min(times, default=None),
            end=max(times, default=self.start),
            input=prompt,
            metadata=self.metadata,
        )
        spans = (root, *self._spans(root.id))
        return seal(
            Trace(
                platform=platform,
                id=f"{self.key}{suffix}",
                spans=spans,
                name=self.name,
                session_id=self.session,
                metadata=self.metadata,
                gaps=self._losses.gaps(),
            )
        )

    def _settle(self, waiting: dict[str, str]) -> None:
        """Put results on their calls; one without a call here gets a span of its own."""
        for call, result in self._results.items():
            step = self._calls.get(call)
            if step is None:
                step = _Step(kind=SpanKind.TOOL, name=waiting.get(call, ""), parent=self._key(), start=result.end)
                step.metadata = {"tool_use_id": call}
                self._steps.append((call, step))
                if call not in waiting:
                    self.lose(GapReason.NOT_RECORDED, "the call of a result is not in the file")
            step.output, step.end = result.output, result.end
            if result.failed:
                step.metadata["is_error"] = True

    def _spans(self, *taken: str) -> Iterator[Span]:
        """Make spans; an id that was recorded for two things is told apart."""
        ids = set(taken)
        for number, (recorded, step) in enumerate(self._steps):
            key = f"{recorded}#{number}" if recorded in ids else recorded
            ids.add(key)
            yield _span(key, step)

    def _key(self) -> str:
        return f"{self.root}:part{self.part}" if self.part > 1 else self.root

    def _time(self, stamp: Json) -> datetime | None:
        time = when(stamp)
        if time is None and stamp not in (None, ""):
            self.lose(GapReason.MALFORMED, "timestamp is no date")
        return time

    def weigh(self, value: Json) -> None:
        """Count what is held."""
        stack = [value]
        self.weight += _OVERHEAD
        while stack:
            item = stack.pop()
            self.weight += len(item) + _NODE if isinstance(item, str) else _NODE
            if isinstance(item, dict):
                stack.extend(item.values())
            elif isinstance(item, list):
                stack.extend(item)


def _span(key: str, step: _Step) -> Span:
    output = step.output
    if step.kind is SpanKind.GENERATION:
        blocks = sorted(step.blocks, key=lambda entry: entry[0])
        output = {"role": "assistant", "content": [block for _, block in blocks]}
    return Span(
        id=key,
        parent_id=step.parent,
        kind=step.kind,
        name=step.name,
        start=step.start,
        end=step.end or step.start,
        input=step.input,
        output=output,
        metadata=step.metadata,
        model=step.model,
    )
