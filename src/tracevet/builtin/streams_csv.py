"""Read the rows of a CSV export: a header, then a row for each record."""

import csv
import io
from collections.abc import Iterator

from tracevet.builtin.streams import MEGABYTE
from tracevet.model import GapReason, Json
from tracevet.records.counts import GapCounts

_FLAGS = {"true": True, "false": False}
_FLAGGED = frozenset({"isRootObservation", "is_root_observation", "is_root"})


def read_csv(stream: io.BufferedReader, losses: GapCounts, cap: int) -> Iterator[tuple[int, Json]]:
    """Yield the rows with their last lines, cells as text and empty ones as None; what can't be read is counted.

    A cell longer than `cap` characters ends the reading: where the next row begins can't be told.
    """
    csv.field_size_limit(cap)
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    rows = csv.DictReader(text, restkey="", strict=True)
    try:
        for row in rows:
            if "" in row or None in row.values():
                losses.add(GapReason.MALFORMED, "rows with more or fewer cells than the header", line=rows.line_num)
            else:
                yield rows.line_num, {name: _cell(name, cell) for name, cell in row.items()}
    except csv.Error as error:
        if "field limit" in str(error):
            losses.add(GapReason.TOO_LARGE, f"a cell longer than {cap // MEGABYTE} MB: the rest was not read")
        else:
            losses.add(GapReason.MALFORMED, "CSV that is damaged or cut off: the rest of it was not read")
    finally:
        text.detach()


def _cell(name: str, cell: str) -> Json:
    if not cell:
        return None
    return _FLAGS.get(cell.lower(), cell) if name in _FLAGGED else cell
