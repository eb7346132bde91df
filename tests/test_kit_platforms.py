"""The suite for platforms: each platform that is wrong on purpose fails the one promise that it breaks."""

from pathlib import Path

from kit_runs import failures, promised, promises_of

from tracevet.testing import PlatformSuite
from tracevet.testing.plugin import PluginSuite


def test_each_wrong_platform_fails_the_promise_that_it_breaks(tmp_path: Path) -> None:
    assert failures("wrong_platform_suites.py", tmp_path) == promised("wrong_platform_suites")


def test_each_promise_of_platforms_is_broken_by_one() -> None:
    broken = {name for names in promised("wrong_platform_suites").values() for name in names}
    assert broken == promises_of(PlatformSuite) - promises_of(PluginSuite)
