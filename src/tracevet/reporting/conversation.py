"""The conversation around a violation: what was said, written and run in its trace, masked as evidence is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracevet.model import GapReason, Region, Result, Snippet, Trace, Violation
from tracevet.policy import mask, scrub, storable, visible
from tracevet.reporting.figures import Utterance

if TYPE_CHECKING:
    from tracevet.ledger import Ledger
    from tracevet.pipeline import Setup
    from tracevet.workers import Engine, Workers

FAILED = frozenset({GapReason.DETECTOR_FAILED, GapReason.TIMED_OUT})
PARTS = 40  # of a conversation
CHARACTERS = 2_000  # of one part
VETTED = 200_000  # characters of one part from which on it is not shown: masking it would take long
AROUND = 6  # parts before the violation, where the conversation is longer


@dataclass(frozen=True, slots=True)
class _Part:
    """A text of a trace, and the pieces of code in it that are snippets of their own."""

    whole: Snippet
    within: tuple[Snippet, ...] = ()

    def regions(self, said: Mapping[str, Sequence[Result]]) -> Iterator[Region]:
        """Give what is to be masked in the whole, by what was said of it and of what is in it."""
        for one in (self.whole, *self.within):
            moved = one.offset - self.whole.offset
            for result in said.get(one.digest, ()):
                for region in (region for finding in result.findings for region in finding.masks):
                    update = {"start": region.start + moved, "end": region.end + moved}
                    yield region.model_copy(update=update)


class Masking:
    """Shows texts of traces without secrets and personal data, by what the detectors say of them."""

    def __init__(self, setup: "Setup", ledger: "Ledger", workers: "Workers") -> None:
        """Take what vets: a text that no detector has seen yet is vetted before it is shown."""
        self._setup = setup
        self._ledger = ledger
        self._workers = workers

    def conversation(self, trace: Trace, violation: Violation) -> tuple[tuple[Utterance, ...], str]:
        """Give the parts of the conversation, oldest first, and in a sentence what is missing of it."""
        chosen, note = _around(_parts(list(_distinct(self._extracted(trace)))), violation)
        short = [part for part in chosen if len(part.whole.text) <= VETTED]
        said = self._said([one for part in short for one in (part.whole, *part.within)])
        return tuple(self._utterance(part, said, violation) for part in chosen), note

    def _extracted(self, trace: Trace) -> Iterator[Snippet]:
        for extractor in self._setup.extractors:
            yield from (one for one in extractor.extract(trace) if isinstance(one, Snippet))

    def _said(self, snippets: Sequence[Snippet]) -> dict[str, list[Result]]:
        """Give what each detector says of the texts: from the ledger, else now."""
        said: dict[str, list[Result]] = {}
        for engine in self._setup.engines:
            for digest, result in self._results(engine, snippets).items():
                said.setdefault(digest, []).append(result)
        return said

    def _results(self, engine: "Engine", snippets: Sequence[Snippet]) -> Mapping[str, Result]:
        wanted = {snippet.digest: snippet for snippet in snippets if engine.reads(snippet)}
        known = self._ledger.results(engine.id, list(wanted))
        rest = [snippet for digest, snippet in wanted.items() if digest not in known]
        return {**known, **(self._workers.scan(engine, rest).results() if rest else {})}

    def _utterance(self, part: _Part, said: Mapping[str, Sequence[Result]], violation: Violation) -> Utterance:
        snippet, whole = part.whole, self._masked(part, said)
        text = _cut(whole, violation)
        return Utterance(
            surface=snippet.surface.value,
            text=text,
            path=snippet.path and visible(scrub(snippet.path, self._setup.key)),
            language=snippet.language,
            marked=_marked(text, violation) if _stands(snippet, violation) else (),
            left_out=len(whole) - len(text) if whole else len(snippet.text),
        )

    def _masked(self, part: _Part, said: Mapping[str, Sequence[Result]]) -> str:
        """Give the text masked; "" where a detector failed on it, as nobody knows then what is to be masked."""
        results = (result for one in (part.whole, *part.within) for result in said.get(one.digest, ()))
        if len(part.whole.text) > VETTED or any(gap.reason in FAILED for result in results for gap in result.gaps):
            return ""
        key = self._setup.key
        return visible(scrub(mask(part.whole.text, part.regions(said), key), key))


def _distinct(snippets: Iterable[Snippet]) -> Iterator[Snippet]:
    """Give each text once: calls of a model repeat what was said before."""
    seen: set[str] = set()
    for snippet in snippets:
        if snippet.digest not in seen and snippet.text.strip():
            seen.add(snippet.digest)
            yield snippet


def _parts(snippets: Sequence[Snippet]) -> list[_Part]:
    """Put what stands within another text to that, in the order in which the texts began."""
    spots: dict[tuple[str, str], list[_Part]] = {}
    placed = {snippet.digest: number for number, snippet in enumerate(snippets)}
    for snippet in sorted(snippets, key=lambda one: -len(one.text)):
        mine = spots.setdefault((snippet.span, snippet.pointer), [])
        outer = next((number for number, part in enumerate(mine) if _holds(part.whole, snippet)), None)
        if outer is None:
            mine.append(_Part(snippet))
        else:
            mine[outer] = _Part(mine[outer].whole, (*mine[outer].within, snippet))
    found = [part for mine in spots.values() for part in mine]
    return sorted(found, key=lambda part: min(placed[one.digest] for one in (part.whole, *part.within)))


def _holds(outer: Snippet, inner: Snippet) -> bool:
    if outer.lines is not None or inner.lines is not None:
        return False
    at = inner.offset - outer.offset
    return at >= 0 and outer.text.startswith(inner.text, at)


def _around(parts: Sequence[_Part], violation: Violation) -> tuple[Sequence[_Part], str]:
    """Choose the parts that are shown, and say what is left out."""
    if len(parts) <= PARTS:
        return parts, "" if parts else "The trace holds no text any more."
    at = next((number for number, one in enumerate(parts) if _stands(one.whole, violation)), 0)
    first = max(0, min(at - AROUND, len(parts) - PARTS))
    return parts[first : first + PARTS], f"Shown are {PARTS} of its {len(parts)} parts, from part {first + 1} on."


def _stands(snippet: Snippet, violation: Violation) -> bool:
    here = (storable(snippet.span), storable(snippet.pointer))
    return any((place.span, place.pointer) == here for place in violation.places)


def _marked(text: str, violation: Violation) -> tuple[int, ...]:
    """Find the lines of the evidence."""
    wanted = {line.strip().strip("…") for line in violation.evidence.split("\n")} - {""}
    return tuple(number for number, line in enumerate(text.split("\n")) if line.strip() in wanted)


def _cut(text: str, violation: Violation) -> str:
    """Give what fits of a text, the evidence among it where it stands there."""
    if len(text) <= CHARACTERS:
        return text
    line = violation.evidence.split("\n")[0].strip("… ")
    at = text.find(line) if line else 0
    first = 0 if at < CHARACTERS // 2 else text.rfind("\n", 0, at - CHARACTERS // 4) + 1
    first = first if at - first < CHARACTERS // 2 else at - CHARACTERS // 4
    return text[max(0, first) : max(0, first) + CHARACTERS]
