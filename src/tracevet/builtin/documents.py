"""Read one JSON document however large: the entries of its list, one by one."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import ijson  # type: ignore[import-untyped]  # it ships no types

from tracevet.builtin.shapes import PAGES, unpack
from tracevet.builtin.streams import MEGABYTE, peek
from tracevet.model import GapReason, Json
from tracevet.records.counts import GapCounts
from tracevet.records.values import DEPTH, parse

SMALL = 32 * MEGABYTE  # bytes of a document that is parsed at once

_OPEN, _CLOSE = ("start_map", "start_array"), ("end_map", "end_array")


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def read_document(stream: io.BufferedReader, losses: GapCounts, cap: int) -> Iterator[Json]:
    """Yield the rows of a document: what its list holds, or itself.

    A small document is parsed at once, a large one entry by entry; no entry longer than `cap` bytes is held. What
    stands before a place where the document breaks is read; the break is counted in `losses`.
    """
    data, stream = peek(stream, SMALL + 1)
    if len(data) > SMALL and begins_list(data[:MEGABYTE]):
        yield from _streamed(stream, losses, cap)
        return
    if len(data) > SMALL:
        data = stream.read(cap + 1)
    if len(data) > max(cap, SMALL):
        losses.add(GapReason.TOO_LARGE, f"a document longer than {cap // MEGABYTE} MB that lists nothing")
        return
    try:
        value = parse(data)
    except (ValueError, RecursionError) as error:
        if begins_list(data[:MEGABYTE]):
            yield from _streamed(io.BytesIO(data), losses, len(data))
        elif isinstance(error, RecursionError):
            losses.add(GapReason.TOO_LARGE, "a document that is nested too deeply")
        else:
            losses.add(GapReason.MALFORMED, "a document that is cut off or is not JSON")
    else:
        yield from unpack(value)


def begins_document(text: bytes) -> bool:
    """Tell whether the bytes are the beginning of a JSON document, or a whole one."""
    try:
        ijson.basic_parse_coro(ijson.sendable_list()).send(text)
    except (ijson.JSONError, ValueError):
        return False
    return True


def begins_list(text: bytes) -> bool:
    """Tell whether the document's list begins within these bytes."""
    finder = _Finder()
    try:
        return any(finder.list_begins(event, value) for event, value in ijson.basic_parse(io.BytesIO(text)))
    except (ijson.JSONError, ValueError):
        return False


def _streamed(stream: _Readable, losses: GapCounts, cap: int) -> Iterator[Json]:
    """Yield the rows in the document's list, up to the place where it breaks, if it does."""
    meter = _Meter(stream, cap)
    try:
        for deep, entry in _entries(ijson.basic_parse(meter, use_float=True)):
            meter.taken = 0
            if deep:
                losses.add(GapReason.TOO_LARGE, "entries that are nested too deeply")
            else:
                yield from unpack(entry)
    except (ijson.JSONError, ValueError, OverflowError):  # the latter two: text and numbers that only Python refuses
        losses.add(GapReason.MALFORMED, "a document that is cut off or is not JSON: the rest of it was not read")
    except _TooLargeError:
        losses.add(GapReason.TOO_LARGE, f"an entry longer than {cap // MEGABYTE} MB: the rest was not read")


def _entries(events: Iterable[tuple[str, Any]]) -> Iterator[tuple[bool, Json]]:
    """Yield the entries of the document's list, and whether one was nested too deeply to be built.

    ijson's own `items` takes time squared in the depth: it keeps the path to each value.
    """
    finder, depth, deep, builder = _Finder(), -1, False, ijson.ObjectBuilder()  # depth: -1 outside the list
    for event, value in events:
        if depth < 0:
            depth = 0 if finder.list_begins(event, value) else -1
        elif depth == 0 and event == "end_array":
            depth = -1
            finder.leave()
        else:
            if depth == 0:
                deep, builder = False, ijson.ObjectBuilder()
            depth += event in _OPEN
            deep = deep or depth > DEPTH
            if not deep:
                builder.event(event, value)
            depth -= event in _CLOSE
            if depth == 0:
                yield deep, None if deep else builder.value


class _Finder:
    """Follows a document to its list: itself, or what stands under a key of a page."""

    def __init__(self) -> None:
        self._depth, self._key = 0, ""

    def list_begins(self, event: str, value: Any) -> bool:
        """Take the next event; tell whether the list begins with it."""
        if event == "map_key" and self._depth == 1:
            self._key = value
        begins = event == "start_array" and (self._depth == 0 or (self._depth == 1 and self._key in PAGES))
        self._depth += (event in _OPEN) - (event in _CLOSE)
        return begins

    def leave(self) -> None:
        """Go on behind the list."""
        self._depth -= 1


class _TooLargeError(Exception):
    """An entry of a document is beyond the cap."""


class _Meter:
    """A stream that ends with an error once more than `cap` bytes were read since `taken` was set to zero."""

    def __init__(self, stream: _Readable, cap: int) -> None:
        self._stream, self._cap = stream, cap
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes."""
        if self.taken > self._cap:
            raise _TooLargeError
        data = self._stream.read(size)
        self.taken += len(data)
        return data
