"""A cache that forgets: what was worked out for a text is kept while such texts keep coming."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Memo(Generic[V]):
    """Keeps the values of the last texts, at most twice `room` characters of them. Safe to share between threads."""

    def __init__(self, room: int = 4_000_000) -> None:
        """Start empty."""
        self._room = room
        self._used = 0
        self._young: dict[Hashable, V] = {}
        self._old: dict[Hashable, V] = {}

    def get(self, key: Hashable, size: int, make: Callable[[], V]) -> V:
        """Give the value kept under a key, or make and keep it; `size` is what it takes of the room, in characters."""
        young, old = self._young, self._old
        value = young.get(key)
        if value is None:
            value = old.get(key)
            value = make() if value is None else value
            self._keep(key, size, value)
        return value

    def _keep(self, key: Hashable, size: int, value: V) -> None:
        if self._used > self._room:
            self._old, self._young, self._used = self._young, {}, 0
        if size <= self._room:
            self._young[key] = value
            self._used += size + 200  # bytes of overhead count as characters, so that many small texts count too
