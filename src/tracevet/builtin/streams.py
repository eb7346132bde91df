"""Open a file as a stream of UTF-8 bytes, whatever it is packed in."""

import codecs
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from stat import S_ISREG
from typing import IO

import zstandard

from tracevet.builtin.files import STDIN

MEGABYTE = 1024 * 1024
CHUNK = 256 * 1024  # bytes read at once

_DAMAGED = (EOFError, zlib.error, zstandard.ZstdError)  # what broken packing raises, besides OSError
_GZIP, _ZSTD, _UTF8 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", codecs.BOM_UTF8
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAGIC = 4
_PIECE = 1024  # compressed bytes unpacked at once: a bomb makes 32 MB of them at most


@contextmanager
def opened(path: str, tell: Callable[[int], None], broken: Callable[[Exception], None]) -> Iterator[io.BufferedReader]:
    """Open a file, or standard input for `-`: unpacked, without byte order mark, as UTF-8 where it is UTF-16.

    `tell` is called with the number of bytes taken from the file, again and again. Where the file or its packing
    breaks, `broken` is called with the reason, and the stream ends there as if that were the file's end.

    Raises:
        OSError: it can't be opened, or is no regular file any more.
    """
    with raw(path) as file:
        yield unpacked(file, tell, broken)


def unpacked(file: IO[bytes], tell: Callable[[int], None], broken: Callable[[Exception], None]) -> io.BufferedReader:
    """Give the stream of a file that is open, as `opened` does; the file stays the caller's."""
    return _unwrapped(_guarded(_counted(file, tell), broken), broken)


def peek(stream: io.BufferedReader, size: int) -> tuple[bytes, io.BufferedReader]:
    """Give the first bytes of a stream, and a stream that still begins with them."""
    head = stream.read(size)
    return head, _buffered(rest(stream, head))


def raw(path: str) -> IO[bytes]:
    """Open a file's bytes as they are; raises as `opened` does."""
    if path == STDIN:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    # O_NONBLOCK: a pipe that took the file's place must not hang us.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(None, "no regular file")
    return open(handle, "rb", buffering=0)


def _counted(file: IO[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        tell(len(chunk))
        yield chunk


def _guarded(chunks: Iterator[bytes], broken: Callable[[Exception], None]) -> Iterator[bytes]:
    try:
        yield from chunks
    except (OSError, *_DAMAGED) as error:
        broken(error)


def _unwrapped(chunks: Iterator[bytes], broken: Callable[[Exception], None]) -> io.BufferedReader:
    magic, stream = peek(_buffered(chunks), _MAGIC)
    if magic.startswith((_GZIP, _ZSTD)):
        unpacked = _ungzip(stream) if magic.startswith(_GZIP) else _unzstd(rest(stream))
        magic, stream = peek(_buffered(_guarded(unpacked, broken)), _MAGIC)
    if magic.startswith(_UTF16):
        magic, stream = peek(_buffered(_recoded(rest(stream))), _MAGIC)
    if magic.startswith(_UTF8):
        stream.read(len(_UTF8))
    return stream


def _ungzip(stream: io.BufferedReader) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=stream) as unpacked:
        while chunk := unpacked.read1(CHUNK):
            yield chunk


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack frame after frame; zstandard's own reader would take a frame that is cut off for a whole one."""
    frame = None
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            while piece:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(piece)
                piece, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame is not None:
        raise EOFError("a zstd frame is cut off")


def _recoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")


def rest(stream: io.BufferedReader, head: bytes = b"") -> Iterator[bytes]:
    """Yield what is left of a stream in chunks, after its `head` that was read before."""
    if head:
        yield head
    while chunk := stream.read1(CHUNK):
        yield chunk


def _buffered(chunks: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Stream(chunks), CHUNK)


class _Stream(io.RawIOBase):
    """Chunks, read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer is one to us
        """Fill the buffer as far as the next chunk goes."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
