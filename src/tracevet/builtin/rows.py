"""Read the rows of a stream of JSON: one a line, or one document however large."""

import io
from collections.abc import Iterator

from tracevet.builtin.documents import begins_document, begins_list, read_document
from tracevet.builtin.shapes import unpack
from tracevet.builtin.streams import MEGABYTE, peek
from tracevet.model import GapReason, Json
from tracevet.records.counts import GapCounts
from tracevet.records.values import parse

HEAD = 64 * 1024  # bytes looked at to tell lines from a document
LONG_HEAD = MEGABYTE  # the same, where the first line is longer

_SKIP = MEGABYTE  # bytes of an overlong line passed over at once
_BLANK = b" \t\r\n"


class NotJsonError(ValueError):
    """A stream does not begin like JSON."""


def read_rows(stream: io.BufferedReader, losses: GapCounts, cap: int) -> Iterator[tuple[int | None, Json]]:
    """Yield the rows of a stream with their lines (None in a document), pages and lists taken apart.

    What can't be read is counted in `losses`, and reading goes on after it where that is possible. Nothing longer
    than `cap` bytes is held: not a line, not an entry of a document.

    Raises:
        NotJsonError: it is no JSON, as far as its beginning shows.
    """
    head, stream = peek(stream, HEAD)
    if b"\n" not in head and len(head) == HEAD:
        head, stream = peek(stream, LONG_HEAD)
    if _in_lines(head.lstrip(_BLANK + b"\x00")):
        for line, value in _lines(stream, losses, cap):
            for row in unpack(value):
                yield line, row
    else:
        for row in read_document(stream, losses, cap):
            yield None, row


def _in_lines(head: bytes) -> bool:
    """Tell lines from a document by the first bytes, of which the first line may be broken."""
    first, end, more = head.partition(b"\n")
    if _is_row(first):
        return True
    if head.startswith((b"{", b"[")) and begins_document(head):
        # An object that goes on beyond the head in one line is a row, unless it opens the list of a page at once.
        return head.startswith(b"{") and not end and not begins_list(head)
    if head.startswith(b"{") or any(_is_row(line) for line in more.split(b"\n")):
        return True
    raise NotJsonError


def _is_row(line: bytes) -> bool:
    if not line.lstrip(_BLANK).startswith(b"{"):
        return False
    try:
        return isinstance(parse(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(stream: io.BufferedReader, losses: GapCounts, cap: int) -> Iterator[tuple[int, Json]]:
    number = 0
    while data := stream.readline(cap + 1):
        number += 1
        if len(data) > cap and not data.endswith(b"\n"):
            _skip_line(stream)
            losses.add(GapReason.TOO_LARGE, f"lines longer than {cap // MEGABYTE} MB", line=number)
        elif data.strip(_BLANK):
            try:
                yield number, parse(data.strip(_BLANK))
            except ValueError:
                losses.add(GapReason.MALFORMED, "lines that are cut off or are not JSON", line=number)
            except RecursionError:
                losses.add(GapReason.TOO_LARGE, "lines that are nested too deeply", line=number)


def _skip_line(stream: io.BufferedReader) -> None:
    while (data := stream.readline(_SKIP)) and not data.endswith(b"\n"):
        pass
