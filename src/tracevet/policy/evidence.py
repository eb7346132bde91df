"""Cut the few lines that show a finding out of a snippet, masked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from textwrap import dedent

from tracevet.model import Finding, Region, ShownStep, Step
from tracevet.policy.masking import Piece, given, hidden, pieces, scrub, visible
from tracevet.policy.secrets import Sight, sights

_LINES = 5
_CHARS = 400
_STEPS = 12
_LEAD = 160  # characters of its line that may stand before the finding
_CUT = "…"


def to_hide(text: str, findings: Iterable[Finding]) -> tuple[Sight, ...]:
    """Find all that must not leave of a snippet: the masks of every finding on it, and the generic floor."""
    regions = (region for finding in findings for region in finding.masks)
    return hidden(text, [*given(regions), *sights(text)])


def evidence(text: str, region: Region, hide: Sequence[Sight], key: bytes) -> str:
    """Give the whole lines of a region, at most 5 lines and 400 characters, with `…` where they were cut.

    What `hide` (disjoint, in order) covers is masked as a whole, even where it reaches beyond the lines; what a
    terminal would obey is spelled out; common indentation goes.
    """
    first, last, whole = _stretch(text, region)
    after, before = attrgetter("end"), attrgetter("start")
    nearby = hide[bisect_right(hide, first, key=after) : bisect_left(hide, last, key=before)]
    start, stop = min([first, *map(before, nearby[:1])]), max([last, *map(after, nearby[-1:])])
    moved = [Sight(sight.start - start, sight.end - start, sight.hint) for sight in nearby]
    shown, fits = _fill(pieces(text[start:stop].removesuffix("\r"), moved, key))
    head = "" if first == 0 or text[first - 1] == "\n" else _CUT
    return head + dedent(shown).strip("\n").rstrip() + ("" if whole and fits else _CUT)


def steps(text: str, flow: Sequence[Step], hide: Sequence[Sight], key: bytes) -> tuple[ShownStep, ...]:
    """Show the steps of a flow, each with the first of its lines, as `evidence` shows them; at most 12 steps."""
    kept = flow if len(flow) <= _STEPS else (*flow[: _STEPS - 1], flow[-1])
    shown = []
    for step in kept:
        line = evidence(text, _line(text, step.start_line), hide, key)
        note = visible(scrub(step.note, key))
        shown.append(ShownStep(start_line=step.start_line, end_line=step.end_line, note=note, evidence=line))
    return tuple(shown)


def _line(text: str, number: int) -> Region:
    starts = _starts(text)
    number = min(number, len(starts) - 1)
    return Region(start=starts[number - 1], end=starts[number] - 1, start_line=number, end_line=number)


@lru_cache(maxsize=2)  # many steps of one text, one after the other
def _starts(text: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]


def _stretch(text: str, region: Region) -> tuple[int, int, bool]:
    """Give what to show, in characters, and whether it reaches the end of the region's last line."""
    start = min(region.start, len(text))
    first = text.rfind("\n", 0, start) + 1
    end = _line_end(text, max(start, min(region.end, len(text)) - 1))
    last = first - 1
    for _ in range(_LINES):
        last = _line_end(text, last + 1)
    if start - first > _LEAD:
        first = start - _LEAD // 2
    return first, min(last, end), last >= end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _fill(parts: Iterable[Piece]) -> tuple[str, bool]:
    """Join parts up to the limit, and tell whether all of them fitted; a mask is never cut."""
    shown = ""
    for part in parts:
        spelled = part.text if part.masked else visible(part.text[: _CHARS + 1])
        if len(shown) + len(spelled) > _CHARS:
            return shown + ("" if part.masked else spelled[: _CHARS - len(shown)]), False
        shown += spelled
    return shown, True
