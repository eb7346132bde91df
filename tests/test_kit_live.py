"""The suite for live platforms: each one that is wrong on purpose fails the one promise that it breaks."""

from pathlib import Path

from kit_runs import failures, promised, promises_of

from tracevet.testing import LiveSuite


def test_each_wrong_live_platform_fails_the_promise_that_it_breaks(tmp_path: Path) -> None:
    assert failures("wrong_live_suites.py", tmp_path) == promised("wrong_live_suites")


def test_each_promise_of_live_platforms_is_broken_by_one() -> None:
    broken = {name for names in promised("wrong_live_suites").values() for name in names}
    assert broken == promises_of(LiveSuite)
