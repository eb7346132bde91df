"""Messages on a pipe: JSON, each with its length before it."""

import json
import os
import struct
from collections.abc import Iterator
from typing import TypeAlias

import orjson

from tracevet.model import Json
from tracevet.records.values import parse

Message: TypeAlias = dict[str, Json]

LONGEST = 32 * 1024 * 1024  # bytes of one message
READ = 1 << 16

_HEAD = struct.Struct(">I")


def frame(message: Message) -> bytes:
    """Give a message as it goes through the pipe.

    Raises:
        ValueError: it is too long, or no JSON.
    """
    try:
        data = orjson.dumps(message)
    except TypeError:  # lone surrogates, integers of more than 64 bits, or nested too deeply
        try:
            data = json.dumps(message).encode()
        except (TypeError, RecursionError):
            raise ValueError("a message that is no JSON") from None
    if len(data) > LONGEST:
        raise ValueError(f"a message of more than {LONGEST} bytes")
    return _HEAD.pack(len(data)) + data


class Frames:
    """Puts messages together of what is read in pieces."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Message, int]]:
        """Yield the messages that are whole now, each with its length in bytes.

        Raises:
            ValueError: the other end does not speak this protocol.
        """
        self._data += data
        while len(self._data) >= _HEAD.size:
            (length,) = _HEAD.unpack_from(self._data)
            if length > LONGEST:
                raise ValueError("no message of ours")
            if len(self._data) < _HEAD.size + length:
                return
            message = parse(bytes(self._data[_HEAD.size : _HEAD.size + length]))
            del self._data[: _HEAD.size + length]
            if isinstance(message, dict):
                yield message, length


def read_all(file: int) -> Iterator[tuple[Message, int]]:
    """Yield the messages of a pipe until its other end is closed, or does not speak this protocol."""
    frames = Frames()
    while True:
        try:
            data = os.read(file, READ)
            yield from frames.feed(data)
        except (OSError, ValueError, RecursionError):
            return
        if not data:
            return
