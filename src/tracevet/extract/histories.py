"""Histories that grow: lists of messages that repeat, and go on from, the list before."""

from tracevet.extract import lenient, walk
from tracevet.extract.walk import Node
from tracevet.model import Json

KEPT = 4  # histories that are remembered: as many agents may take turns


class Histories:
    """Remembers the last lists of messages of a trace, so that what they share is read once."""

    def __init__(self) -> None:
        """Start with none."""
        self._lists: list[list[Json]] = []
        self._texts: list[tuple[str, list[Json]]] = []  # each without its closing bracket

    def known(self, history: list[Json]) -> int:
        """Say how many of a list's first messages an earlier list began with, and remember the list."""
        whole = next((old for old in reversed(self._lists) if history[: len(old)] == old), None)
        if whole is not None:
            self._lists = [old for old in self._lists if old is not whole]
        common = [_common(history, old) for old in self._lists] if whole is None else [len(whole)]
        self._lists = [*self._lists, history][-KEPT:]
        return max(common, default=0)

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
        for index, (old, messages) in enumerate(self._texts):
            end = len(old)  # where the old list ended, the new one goes on
            if messages and text.startswith(",", end) and text.startswith(old):
                rest, cut = lenient.loads("[" + text[end + 1 :])
                if isinstance(rest, list) and not cut:
                    del self._texts[index]
                    return messages + rest
        return None


def _common(first: list[Json], second: list[Json]) -> int:
    """Count the equal messages at the beginning of two lists."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
