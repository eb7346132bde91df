"""The suite for detectors: each detector that is wrong on purpose fails the one promise that it breaks."""

from pathlib import Path

from kit_runs import failures, promised, promises_of

from tracevet.testing import DetectorSuite


def test_each_wrong_detector_fails_the_promise_that_it_breaks(tmp_path: Path) -> None:
    assert failures("wrong_detector_suites.py", tmp_path) == promised("wrong_detector_suites")


def test_each_promise_of_detectors_is_broken_by_one() -> None:
    broken = {name for names in promised("wrong_detector_suites").values() for name in names}
    assert broken == promises_of(DetectorSuite)
