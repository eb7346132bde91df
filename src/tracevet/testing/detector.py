"""The suite for detectors."""

from collections.abc import Mapping, Sequence
from itertools import product

import pytest

from tracevet.model import Finding, Gap, GapReason, Region, Snippet, Surface
from tracevet.plugin import Detector
from tracevet.testing.builders import snippet
from tracevet.testing.hostile import ACCENTS, CANARY, GARBAGE, SILENCERS, commented
from tracevet.testing.plugin import PluginSuite
from tracevet.testing.promise import keep
from tracevet.workers import Engine, Workers

SECONDS = 120.0  # for a worker on a machine that is busy


class DetectorSuite(PluginSuite):
    """The promises of a detector. Give `detector`, `bad` and `good`; `options` where `detector` was built with any.

    The class of the detector must stand in a module that another process can import.
    """

    @pytest.fixture
    def detector(self) -> Detector:
        """Give the detector."""
        raise NotImplementedError("override the fixture `detector` with your detector")

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        """Give snippets with a weakness each that the detector finds; `tracevet.testing.snippet` makes them."""
        raise NotImplementedError("override the fixture `bad` with snippets in which the detector finds something")

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        """Give snippets in which there is nothing to find, best the bad ones put right."""
        raise NotImplementedError("override the fixture `good` with snippets in which the detector finds nothing")

    @pytest.fixture
    def options(self) -> Mapping[str, object]:
        """Give the options that `detector` was built with, so that another process builds the same."""
        return {}

    @pytest.fixture
    def plugin(self, detector: Detector) -> Detector:
        """Give the detector to the promises of every plugin."""
        return detector

    def test_finds_the_bad(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Yield a finding, with the digest of its snippet and the name of the detector, for each bad snippet."""
        keep(bad, "give at least one bad snippet")
        for each in bad:
            found = _findings(detector, each)
            keep(found, f"nothing is found in {each.text!r}")
            keep({one.snippet for one in found} == {each.digest}, "`Finding.snippet` is not the digest of its snippet")
            keep({one.detector for one in found} == {detector.name}, "`Finding.detector` is not the detector's name")

    def test_leaves_the_good(self, detector: Detector, good: Sequence[Snippet]) -> None:
        """Yield neither a finding nor a gap for a good snippet: make the rule narrower, or read what it can't."""
        keep(good, "give at least one good snippet")
        for each in good:
            found = _findings(detector, each)
            keep(not found, f"{[one.rule for one in found]} is found in {each.text!r}")
            keep(not _gaps(detector, each), f"{each.text!r} is a gap: it was not read at all")

    def test_batching_changes_nothing(
        self, detector: Detector, bad: Sequence[Snippet], good: Sequence[Snippet]
    ) -> None:
        """Keep nothing from one snippet to the next: a batch gives what its snippets give one by one, in any order."""
        batch = [*bad, snippet(GARBAGE["unfinished"], bad[0].language), *good]
        alone = [item for each in batch for item in detector.scan([each])]
        for order in (batch, batch[::-1]):
            keep(_same(alone, detector.scan(order)), "a batch gives other findings than its snippets one by one")
        keep(list(detector.scan([])) == [], "an empty batch gives findings")

    @pytest.mark.parametrize("garbage", GARBAGE)
    def test_garbage_never_raises(self, detector: Detector, bad: Sequence[Snippet], garbage: str) -> None:
        """Yield a Gap, or nothing, for code that can't be read; never raise, and never take it for a finding's end."""
        for language in sorted({each.language for each in bad}):
            text = snippet(GARBAGE[garbage], language, bad[0].surface)
            try:
                items = list(detector.scan([text]))
            except Exception as error:
                pytest.fail(f"{type(error).__name__} is raised on {garbage} in {language!r}")
            for item in items:
                keep(isinstance(item, Finding | Gap), f"it yields {type(item).__name__}, neither Finding nor Gap")
                keep(item.snippet == text.digest, f"a {type(item).__name__} names no snippet, or another one")

    @pytest.mark.parametrize("silencer", SILENCERS)
    def test_comments_silence_nothing(self, detector: Detector, bad: Sequence[Snippet], silencer: str) -> None:
        """Do not obey the code: switch off the engine's `nosec`, `noqa` and the like, and believe no comment."""
        for each in bad:
            rules = {one.rule for one in _findings(detector, each)}
            for text in commented(each.text, each.language, silencer):
                left = {one.rule for one in _findings(detector, snippet(text, each.language, each.surface))}
                keep(rules <= left, f"{sorted(rules - left)} is not found any more in {text!r}")

    def test_languages_and_surfaces_are_what_it_reads(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Declare `languages` (empty: all) and `surfaces`: the host hands over nothing else, and all of that."""
        languages, surfaces = detector.languages, detector.surfaces
        words = isinstance(languages, frozenset) and all(each == each.lower() for each in languages)
        keep(words, f"`languages` is {languages!r}: give a frozenset of lower-case strings")
        known = isinstance(surfaces, frozenset) and surfaces and all(isinstance(each, Surface) for each in surfaces)
        keep(known, f"`surfaces` is {surfaces!r}: give a frozenset of at least one Surface")
        for each in bad:
            handed = Engine(cls=type(detector)).reads(each)
            keep(handed, f"the host never hands over {each.language!r} on {each.surface!r}: declare them")
        for surface in surfaces:
            found = [_findings(detector, snippet(each.text, each.language, surface)) for each in bad]
            keep(any(found), f"nothing is found on the surface {surface.value!r}, though it is declared")

    def test_regions_point_at_the_code(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Count characters from 0 and lines from 1, within the text; `Region.of` does it for a range of characters."""
        for each in bad:
            for one in _findings(detector, each):
                keep(one.region.start < one.region.end, f"the region of {one.rule} is empty")
                for region in (one.region, *one.masks):
                    right = Region.of(each.text, region.start, region.end)
                    keep(region == right, f"{region!r} of {one.rule} should be {right!r}")
                last = each.text.count("\n") + 1
                lines = [step for step in one.flow if not 1 <= step.start_line <= step.end_line <= last]
                keep(not lines, f"the flow of {one.rule} leaves the text: {lines}")

    def test_regions_move_with_the_code(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Count characters, not bytes, and from the start of the text: code that moves takes its regions along."""
        for each in bad:
            for text in list(commented(each.text, each.language, ACCENTS))[:1]:
                moved = snippet(text, each.language, each.surface)
                before, after = _shown(detector, each), _shown(detector, moved)
                keep(before <= after, f"below a comment, other code is pointed at: {sorted(after - before)}")

    def test_same_snippet_same_findings(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Be a function of text, language and surface alone: no clock, no chance, no memory, no path or span."""
        first = list(detector.scan(bad))
        keep(first == list(detector.scan(bad)), "a second scan gives something else, or in another order")
        placed = [
            snippet(one.text, one.language, one.surface, span="s", pointer="/p", path="tests/test_x.py") for one in bad
        ]
        keep(
            first == list(detector.scan(placed)), "path, span or pointer change what is found: results are kept by text"
        )

    def test_version_is_set(self, detector: Detector) -> None:
        """Set the class attribute `version`, and change it whenever the same snippet may give other findings."""
        version = getattr(detector, "version", None)
        keep(isinstance(version, str) and version.strip(), f"`version` is {version!r}: give a string")
        keep(version == type(detector).version, "`version` differs between the class and its instance")

    def test_works_in_a_worker(self, detector: Detector, bad: Sequence[Snippet], options: Mapping[str, object]) -> None:
        """Let another process import the class, build it from its options, and find the same there."""
        with Workers(processes=1, seconds=SECONDS) as workers:
            engine = Engine(cls=type(detector), options=options)
            said = [workers.scan(engine, [each]).results()[each.digest] for each in bad]
        for each, result in zip(bad, said, strict=True):
            failed = [
                gap.detail for gap in result.gaps if gap.reason in (GapReason.DETECTOR_FAILED, GapReason.TIMED_OUT)
            ]
            here = list(detector.scan([each]))
            keep(
                not failed or failed == [item.detail for item in here if isinstance(item, Gap)],
                f"a worker can't use it: {failed}",
            )
            keep(_same(here, [*result.findings, *result.gaps]), f"a worker finds other things in {each.text!r}")

    def test_nothing_is_quoted(self, detector: Detector, bad: Sequence[Snippet]) -> None:
        """Say what is wrong in words of your own: message, fix, flow and a gap's detail are shown as they are."""
        texts = [text for each in bad for text in (each.text, *commented(each.text, each.language, CANARY))]
        texts += [text for text in GARBAGE.values() if CANARY in text]
        for text, language in product(texts, sorted({each.language for each in bad})):
            for item in _said(detector, snippet(text, language, bad[0].surface)):
                hidden = [text[mask.start : mask.end] for mask in getattr(item, "masks", ())]
                shown = "\n".join(_words(item))
                keep(CANARY not in shown, f"the code is quoted: {shown!r}")
                keep(not any(secret and secret in shown for secret in hidden), "what is to be masked is quoted")


def _said(detector: Detector, each: Snippet) -> list[Finding | Gap]:
    """Give what is said, or nothing where the detector raises, which is another promise's business."""
    try:
        return list(detector.scan([each]))
    except Exception:
        return []


def _findings(detector: Detector, each: Snippet) -> list[Finding]:
    """Give what is found, without the proofs that something is harmless."""
    return [item for item in detector.scan([each]) if isinstance(item, Finding) and not item.refutes]


def _gaps(detector: Detector, each: Snippet) -> list[Gap]:
    return [item for item in detector.scan([each]) if isinstance(item, Gap)]


def _same(first: object, second: object) -> bool:
    """Compare what detectors said, in whatever order."""
    return sorted(map(repr, first)) == sorted(map(repr, second))  # type: ignore[call-overload]  # iterables of anything


def _shown(detector: Detector, each: Snippet) -> set[tuple[str, str]]:
    return {(one.rule, each.text[one.region.start : one.region.end]) for one in _findings(detector, each)}


def _words(item: Finding | Gap) -> list[str]:
    if isinstance(item, Gap):
        return [item.detail]
    return [item.rule, item.message, item.fix, *(step.note for step in item.flow)]
