"""Histories that grow: lists of messages that repeat, and go on from, the list before."""

from collections.abc import Callable, Iterator
from itertools import compress, count
from operator import ne
from typing import TypeAlias

from tracevet.extract import lenient, walk
from tracevet.extract.message import Message, Role, Stretch
from tracevet.extract.messages import messages
from tracevet.extract.past import Past
from tracevet.extract.walk import Node
from tracevet.model import Json

Recall: TypeAlias = Callable[[Node, Role], Past | None]  # of a list -> all that its messages give

KEPT = 4  # histories that are remembered: as many agents may take turns


def nothing(node: Node, role: Role) -> Past | None:
    """Recall nothing of any list."""
    return None


class Histories:
    """Remembers the last lists of messages of a trace, so that what they share is read once.

    `recall` knows of the trace's first list what its messages give, because an earlier trace showed most of them.
    """

    def __init__(self, recall: Recall = nothing) -> None:
        """Start with none."""
        self._recall = recall
        self._lists: list[list[Json]] = []
        self._texts: list[tuple[str, list[Json]]] = []  # each without its closing bracket

    def read(self, node: Node, role: Role) -> Iterator[Message]:
        """Yield the messages of a list that no earlier list of the trace began with."""
        history = node.value if isinstance(node.value, list) else []
        first_list = not self._lists and history and isinstance(history[0], dict)
        past = self._recall(node, role) if first_list else None
        known = self._known(history)
        for first, stop in _unsettled(past) if past else ((known, len(history)),):
            if past and known < first:
                yield Message(Role.SYSTEM, (Stretch(past, known, first),))
            for index in range(first, stop):
                yield from messages(node.child(index), role, self.read)
            known = stop

    def _known(self, history: list[Json]) -> int:
        """Say how many of a list's first messages an earlier list began with, and remember the list."""
        shared = [(_common(history, old), old) for old in self._lists]
        whole = next((old for length, old in reversed(shared) if length == len(old)), None)
        self._lists = [*(old for old in self._lists if old is not whole), history][-KEPT:]
        return max((length for length, _ in shared), default=0)

    def opened(self, node: Node) -> Node:
        """Give the node with its string of JSON read, where it holds a whole list; as it is otherwise.

        Of a list that goes on from an earlier one, only the rest is decoded.
        """
        if not isinstance(node.value, str) or not node.value.endswith("]") or len(node.value) > walk.MAX_JSON:
            return node
        found = self._continued(node.value)
        if found is None:
            inner, cut = walk.opened(node)
            found = inner.value if isinstance(inner.value, list) and not cut else None
        if found is None:
            return node
        self._texts = [*self._texts, (node.value[:-1], found)][-KEPT:]
        return Node(found, node.pointer, node.depth + 1)

    def _continued(self, text: str) -> list[Json] | None:
        for index, (old, begun) in enumerate(self._texts):
            end = len(old)  # where the old list ended, the new one goes on
            if begun and text.startswith(",", end) and text.startswith(old):
                rest, cut = lenient.loads("[" + text[end + 1 :])
                if isinstance(rest, list) and not cut:
                    del self._texts[index]
                    return begun + rest
        return None


def _unsettled(past: Past) -> Iterator[tuple[int, int]]:
    """Give the messages that are read though they are known: the last prompt, and all behind the last answer."""
    answer = past.answers.numbers[-1] if past.answers.numbers else 0
    fresh = answer + 1 if past.answers.entries and past.answers.entries[-1] else answer
    prompt = past.prompts.numbers[-1] if past.prompts.numbers else fresh
    if prompt < fresh:
        yield prompt, prompt + 1
    yield fresh, len(past.ends)


def _common(first: list[Json], second: list[Json]) -> int:
    """Count the equal messages at the beginning of two lists; none where they are nested too deeply to compare."""
    try:
        return next(compress(count(), map(ne, first, second)), min(len(first), len(second)))
    except RecursionError:
        return 0
