"""What the host relies on in every plugin, whatever its kind."""

import inspect
import re
from collections.abc import Iterable

import pytest

from tracevet.plugin import Plugin
from tracevet.testing.promise import keep

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class PluginSuite:
    """The promises of any plugin; the suites of the kinds hold them, too."""

    @pytest.fixture
    def plugin(self) -> Plugin:
        """Give the plugin."""
        raise NotImplementedError("override the fixture of your kind, such as `detector`, with your plugin")

    def test_name_and_summary_are_set(self, plugin: Plugin) -> None:
        """Set the class attributes `name` (lower-case letters, digits and `-`) and `summary` (one sentence)."""
        name, summary = getattr(plugin, "name", None), getattr(plugin, "summary", None)
        keep(isinstance(name, str) and NAME.fullmatch(name), f"`name` is {name!r}: use lower-case letters, digits, `-`")
        one = isinstance(summary, str) and summary.strip() and "\n" not in summary
        keep(one, f"`summary` is {summary!r}: write one sentence about the plugin")

    def test_options_can_be_configured(self, plugin: Plugin) -> None:
        """Give each argument of the constructor a name, an annotation and a default: they are the options."""
        for option in inspect.signature(type(plugin)).parameters.values():
            named = option.kind in (option.KEYWORD_ONLY, option.POSITIONAL_OR_KEYWORD)
            keep(named, f"`{option}` has no name of its own")
            keep(option.annotation is not option.empty, f"option `{option.name}` has no annotation")
            keep(option.default is not option.empty, f"option `{option.name}` has no default")

    def test_check_gives_sentences(self, plugin: Plugin) -> None:
        """Yield one sentence a problem from `check`, and nothing where the plugin works; it works in its own tests."""
        said = plugin.check()
        keep(isinstance(said, Iterable) and not isinstance(said, str), "`check` gives no iterable of sentences")
        problems = list(said)
        keep(not problems, f"`check` says that it can't work here: {problems}")
