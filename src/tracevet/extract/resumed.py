"""Strings of JSON that go on from one that an earlier trace held: what they share is decoded once."""

import json
import re
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tracevet.extract import walk
from tracevet.extract.messages import LISTS
from tracevet.model import Json

Fields: TypeAlias = dict[str, Json]

KEPT = 4  # texts under one key: as many agents of a session may take turns
ROOM = 24_000_000  # characters of all texts that are kept
BACK = 8  # messages at the end of a list that may differ the next time: marks of a cache come and go there

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_OPEN = re.compile(r"[ \t\r\n]*\{")
_LIST = re.compile(r"[ \t\r\n]*\[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A request as a string: some fields, its list of messages, and the fields behind it; or a list alone."""

    text: str
    before: Fields
    name: str | None  # of the list; None: the text is the list
    messages: list[Json]
    ends: list[int]  # where each message ends
    tail: str  # what stands behind the list's bracket
    after: Fields

    @property
    def value(self) -> Json:
        """What the text stands for."""
        return self.messages if self.name is None else {**self.before, self.name: self.messages, **self.after}


class Texts:
    """Keeps the last requests. What it gives is what any reader of JSON gives, message by message."""

    def __init__(self, room: int = ROOM) -> None:
        """Start without any."""
        self._room = room
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[Opened, ...]] = OrderedDict()

    @property
    def size(self) -> int:
        """The characters kept."""
        return self._used

    def open(self, key: Hashable, text: str) -> Opened | None:
        """Read a text; None where it is no request, or can't be read to its end."""
        if len(text) > min(walk.MAX_JSON, self._room // 2) or not text.startswith(("{", "[")):
            return None
        former = None
        try:
            former, at = self._shared(key, text)
            opened = _resumed(former, at, text) if former else _first(text)
        except (ValueError, RecursionError):
            opened = None
        if opened is not None:
            self._keep(key, opened, former)
        return opened

    def _shared(self, key: Hashable, text: str) -> tuple[Opened | None, int]:
        for old in reversed(self._kept.get(key, ())):
            count = len(old.ends)
            for at in range(count - 1, max(-1, count - 1 - BACK), -1):
                if text.startswith(old.text[: old.ends[at]]) and text[old.ends[at] : old.ends[at] + 1] in (
                    ",",
                    "]",
                    " ",
                ):
                    return old, at + 1
        return None, 0

    def _keep(self, key: Hashable, opened: Opened, former: Opened | None) -> None:
        others = self._kept.pop(key, ())
        kept = (*(other for other in others if other is not former), opened)[-KEPT:]
        self._used += sum(len(one.text) for one in kept) - sum(len(one.text) for one in others)
        self._kept[key] = kept
        while self._used > self._room:
            _, oldest = self._kept.popitem(last=False)
            self._used -= sum(len(one.text) for one in oldest)


def _first(text: str) -> Opened | None:
    """Read a text of which nothing is known."""
    before: Fields = {}
    name, at = None, 0
    if found := _OPEN.match(text):
        for name, at in _names(text, found.end(), before):
            if name in LISTS and _LIST.match(text, at):
                break
        else:
            return None
    opening = _LIST.match(text, at)
    return _rest(text, before, name, [], [], opening.end()) if opening else None


def _names(text: str, at: int, before: Fields) -> Iterator[tuple[str, int]]:
    """Yield the keys of an object, each with the place of its value, and note the values that were passed."""
    while text[at : at + 1] != "}":
        name, at = _DECODER.raw_decode(text, _skip(text, at))
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError("not a key")
        at = _skip(text, at + 1)
        yield name, at
        before[name], at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at


def _resumed(old: Opened, shared: int, text: str) -> Opened | None:
    messages, ends = old.messages[:shared], old.ends[:shared]
    return _rest(text, old.before, old.name, messages, ends, ends[-1], old)


def _rest(
    text: str,
    before: Fields,
    name: str | None,
    messages: list[Json],
    ends: list[int],
    at: int,
    old: Opened | None = None,
) -> Opened | None:
    """Read a list on from a place behind one of its messages, and what stands behind it."""
    at = _skip(text, at)
    while text[at : at + 1] != "]":
        if messages:
            if text[at : at + 1] != ",":
                return None
            at = _skip(text, at + 1)
        value, at = _DECODER.raw_decode(text, at)
        messages.append(value)
        ends.append(at)
        at = _skip(text, at)
    tail = text[at + 1 :]
    after = old.after if old and old.tail == tail else _after(tail, name)
    if after is None or not messages or name in after or not before.keys().isdisjoint(after) or name in before:
        return None
    return Opened(text=text, before=before, name=name, messages=messages, ends=ends, tail=tail, after=after)


def _after(tail: str, name: str | None) -> Fields | None:
    """Read the fields behind the list."""
    if name is None:
        return None if tail.strip(" \t\r\n") else {}
    fields = json.loads('{"":0' + tail)
    if not isinstance(fields, dict) or fields.pop("", None) != 0:
        return None
    return fields


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
