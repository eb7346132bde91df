"""What each message of a list gives where it is sent again, noted once for all traces that will send it again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracevet.extract.message import Call, Message, Result, Role
from tracevet.extract.messages import messages
from tracevet.extract.past import Past, Spelling, Tool, size_of
from tracevet.extract.reading import Reading
from tracevet.extract.spans import is_prompt, message_items
from tracevet.extract.walk import Node
from tracevet.model import Gap, Json, Snippet

_RUNS: frozenset[str] = frozenset()  # only what is new depends on them


def record(reading: Reading, node: Node, role: Role, spelling: Spelling, past: Past, shared: int) -> Past | None:
    """Note what a list gives, of whose messages the first `shared` are known; None where it holds other lists."""
    history = node.value if isinstance(node.value, list) else []
    apart = Reading(reading.memo)
    apart.span = reading.span
    apart.calls = past.tools.copy() if shared == len(past.ends) else dict(past.calls.between(0, shared))
    nested: list[Node] = []
    notes = _Notes()

    def inner(child: Node, _: Role) -> Iterator[Message]:
        nested.append(child)
        return iter(())

    for number in range(shared, len(history)):
        child = node.child(number)
        said = list(messages(child, role, inner))
        for message in said:
            notes.take(number, message, apart, last=message is said[-1])
        notes.size += size_of(child.value)
    if nested:
        return None
    ends = spelling.ends(past.ends[:shared], history[shared:])
    return replace(notes.behind(past, shared), text=spelling.text, ends=ends, tools=apart.calls)


@dataclass(slots=True)
class _Notes:
    """What the new messages of a list give."""

    snippets: list[tuple[int, Snippet]] = field(default_factory=list)
    others: list[tuple[int, Snippet | Gap]] = field(default_factory=list)
    calls: list[tuple[int, tuple[str, Tool]]] = field(default_factory=list)
    made: list[tuple[int, tuple[str, str, Json]]] = field(default_factory=list)
    results: list[tuple[int, tuple[str, Json]]] = field(default_factory=list)
    answers: list[tuple[int, bool]] = field(default_factory=list)
    prompts: list[tuple[int, None]] = field(default_factory=list)
    size: int = 0

    def take(self, number: int, message: Message, apart: Reading, *, last: bool) -> None:
        """Note one message."""
        if message.role is Role.ASSISTANT:
            self.answers.append((number, last))
        if is_prompt(message):
            self.prompts.append((number, None))
        for item in message_items(apart, message, _RUNS, resent=True):
            if isinstance(item, Snippet) and item.resent:
                self.snippets.append((number, item))
            elif isinstance(item, Snippet | Gap):
                self.others.append((number, item))
        for part in message.parts:
            if isinstance(part, Call) and part.id:
                self.calls.append((number, (part.id, apart.calls[part.id])))
                if part.arguments is not None:
                    self.made.append((number, (part.id, part.name, part.arguments.value)))
            elif isinstance(part, Result) and part.id:
                self.results.append((number, (part.id, part.value.value)))

    def behind(self, past: Past, shared: int) -> Past:
        """Give the list as it is now."""
        digests = [(number, snippet.digest) for number, snippet in self.snippets]
        return Past(
            place=past.place,
            snippets=past.snippets.until(shared, self.snippets),
            digests=past.digests.until(shared, digests),
            others=past.others.until(shared, self.others),
            calls=past.calls.until(shared, self.calls),
            made=past.made.until(shared, self.made),
            results=past.results.until(shared, self.results),
            answers=past.answers.until(shared, self.answers),
            prompts=past.prompts.until(shared, self.prompts),
            size=past.size + self.size,
        )
