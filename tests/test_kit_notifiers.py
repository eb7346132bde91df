"""The suite for notifiers: each notifier that is wrong on purpose fails the one promise that it breaks."""

from pathlib import Path

from kit_runs import failures, promised, promises_of

from tracevet.testing import NotifierSuite
from tracevet.testing.plugin import PluginSuite


def test_each_wrong_notifier_fails_the_promise_that_it_breaks(tmp_path: Path) -> None:
    assert failures("wrong_notifier_suites.py", tmp_path) == promised("wrong_notifier_suites")


def test_each_promise_of_notifiers_is_broken_by_one() -> None:
    broken = {name for names in promised("wrong_notifier_suites").values() for name in names}
    assert broken == promises_of(NotifierSuite) - promises_of(PluginSuite)
