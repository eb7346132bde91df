"""The suite over each detector of `wrong_detectors`; `breaks` names the promise that it breaks."""

from collections.abc import Sequence
from typing import ClassVar

import pytest
import wrong_detectors

from tracevet import Detector, Snippet
from tracevet.testing import DetectorSuite, snippet


class Base(DetectorSuite):
    cls: ClassVar[type[Detector]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def detector(self) -> Detector:
        return self.cls()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [snippet("x = eval(a)"), snippet("import os\ny = 1\nz = eval(os.name)\n")]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [snippet("x = int(a)"), snippet("evaluate(a)")]


def suite(name: str, breaks: str) -> type[Base]:
    """Make the suite of a detector."""
    return type(f"Test{name}", (Base,), {"cls": getattr(wrong_detectors, name), "breaks": breaks})


TestRight = suite("Right", "")
TestEager = suite("Eager", "test_leaves_the_good")
TestLazy = suite("Lazy", "test_leaves_the_good")
TestGathering = suite("Gathering", "test_batching_changes_nothing")
TestFragile = suite("Fragile", "test_garbage_never_raises")
TestObedient = suite("Obedient", "test_comments_silence_nothing")
TestForeign = suite("Foreign", "test_languages_and_surfaces_are_what_it_reads")
TestShy = suite("Shy", "test_languages_and_surfaces_are_what_it_reads")
TestMisplaced = suite("Misplaced", "test_regions_point_at_the_code")
TestBytes = suite("Bytes", "test_regions_move_with_the_code")
TestTrusting = suite("Trusting", "test_same_snippet_same_findings")
TestNameless = suite("Nameless", "test_version_is_set")
TestHomebound = suite("Homebound", "test_works_in_a_worker")
TestTalkative = suite("Talkative", "test_nothing_is_quoted")
TestUntyped = suite("Untyped", "test_options_can_be_configured")
TestLoud = suite("Loud", "test_name_and_summary_are_set")
TestSick = suite("Sick", "test_check_gives_sentences")


class TestBlind(Base):
    cls = wrong_detectors.Blind
    breaks = "test_finds_the_bad"

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [snippet("x = eval(a)"), snippet("y = eval(a)")]
