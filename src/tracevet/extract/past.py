"""Lists of messages that earlier traces showed, and what each message gave: so that it is read out of it once."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

import orjson

from tracevet.model import Gap, Json, Snippet

V = TypeVar("V")
Tool: TypeAlias = tuple[str, str | None]  # its name, and the file it is for

KEPT = 4  # lists under one key: as many agents of a session may take turns
ROOM = 24_000_000  # characters of all lists that are kept; the longest untouched are forgotten first
_BETWEEN = frozenset(",] \t\r\n")  # what may stand behind a message
OVERHEAD = 60  # characters that any value counts for, whatever its size


@dataclass(frozen=True, slots=True)
class Column(Generic[V]):
    """Entries in the order of their messages, each with the number of its message."""

    numbers: tuple[int, ...] = ()
    entries: tuple[V, ...] = ()

    def between(self, first: int, stop: int) -> tuple[V, ...]:
        """Give the entries of the messages from `first` to before `stop`."""
        return self.entries[bisect_left(self.numbers, first) : bisect_left(self.numbers, stop)]

    def until(self, stop: int, more: Iterable[tuple[int, V]]) -> "Column[V]":
        """Give the entries of the messages before `stop`, and more behind them."""
        end, pairs = bisect_left(self.numbers, stop), list(more)
        numbers, entries = tuple(number for number, _ in pairs), tuple(entry for _, entry in pairs)
        return Column(self.numbers[:end] + numbers, self.entries[:end] + entries)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A list of messages as text: what it was read from, or the one spelling that the JSON of a parsed list has."""

    text: str | bytes
    known: tuple[int, ...] | None = None  # where each message ends, if that is known

    def ends(self, former: tuple[int, ...], more: Iterable[Json]) -> tuple[int, ...]:
        """Tell where each message ends, from where the first ones do."""
        if self.known is not None:
            return self.known
        lengths = (1 + len(orjson.dumps(message)) for message in more)
        return former + tuple(accumulate(lengths, initial=former[-1] if former else 0))[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A list of messages, and what its messages give where they are sent again; spans stand for no span."""

    place: Hashable  # where the list stood: all that what it gives depends on, beside its messages
    text: str | bytes = b""  # in which the messages stand, as recorded or in the one spelling of JSON
    ends: tuple[int, ...] = ()  # where each message ends in it
    snippets: Column[Snippet] = Column()
    digests: Column[str] = Column()  # of the snippets
    others: Column[Snippet | Gap] = Column()  # gaps, and what counts as new wherever it stands
    calls: Column[tuple[str, Tool]] = Column()  # id, tool
    made: Column[tuple[str, str, Json]] = Column()  # id, tool, arguments
    results: Column[tuple[str, Json]] = Column()  # id, result
    tools: dict[str, Tool] = field(default_factory=dict)  # what the calls come to
    answers: Column[bool] = Column()  # whether nothing else stands in the same message of the list behind it
    prompts: Column[None] = Column()
    size: int = 0  # characters


@dataclass(frozen=True, slots=True)
class Resent:
    """What a stretch of history gave: snippets as they stand in `span` of this trace, which nobody made yet."""

    span: str
    snippets: tuple[Snippet, ...]
    digests: tuple[str, ...]


class Pasts:
    """Keeps the lists of the last traces. What it gives spares work and changes no result."""

    def __init__(self, room: int = ROOM) -> None:
        """Start without any."""
        self._room = room
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[Past, ...]] = OrderedDict()

    @property
    def size(self) -> int:
        """The characters kept."""
        return self._used

    def find(self, key: Hashable, place: Hashable, text: str | bytes) -> tuple[Past, int]:
        """Give the list that has most of its first messages in common with the one in `text`, and how many."""
        best, most = Past(place=place), 0
        for past in reversed(self._kept.get(key, ())):
            shared = _shared(past, text) if past.place == place else 0
            if shared > most:
                best, most = past, shared
        return best, most

    def keep(self, key: Hashable, past: Past, former: Past, shared: int) -> None:
        """Keep a list; it takes the place of the one it goes on from."""
        if past.size > self._room // 2:
            return
        others = self._kept.pop(key, ())
        self._used -= sum(other.size for other in others)
        replaced = shared * 2 > len(former.ends)
        kept = (*(other for other in others if not (replaced and other is former)), past)[-KEPT:]
        self._kept[key] = kept
        self._used += sum(one.size for one in kept)
        while self._used > self._room:
            _, oldest = self._kept.popitem(last=False)
            self._used -= sum(one.size for one in oldest)


def spelled(messages: Json) -> Spelling | None:
    """Spell a list in the one way; None where there is none, for lone surrogates or its depth."""
    try:
        return Spelling(orjson.dumps(messages))
    except (TypeError, RecursionError):
        return None


def _shared(past: Past, text: str | bytes) -> int:
    """Count the messages with which both lists begin. Whole texts are compared: nothing less tells hostile ones."""
    if past.ends and _goes_on(past, past.ends[-1], text):
        return len(past.ends)
    return bisect_left(past.ends, True, key=lambda end: not _goes_on(past, end, text))


def _goes_on(past: Past, end: int, text: str | bytes) -> bool:
    if isinstance(text, str) and isinstance(past.text, str):
        return text[end : end + 1] in _BETWEEN and text.startswith(past.text[:end])
    if isinstance(text, bytes) and isinstance(past.text, bytes):
        return text[end : end + 1] in (b",", b"]") and text.startswith(past.text[:end])
    return False


def size_of(value: Json) -> int:
    """Tell how much memory a value takes, about, in characters."""
    total, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        total += OVERHEAD + (len(each) if isinstance(each, str) else 0)
        if isinstance(each, dict):
            total += sum(map(len, each))
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return total
