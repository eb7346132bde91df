"""Options choose and set up checks, and name the valid values when one is wrong."""

from typing import Any

import pytest

from tracevet import ConfigError, Finding
from tracevet_python import BanditDetector

CODE = "import pickle\nassert eval(x)\nos.popen(y)\ncall('/scratch/x', '/tmp/x')\n"


def _rules(detector: BanditDetector, snippet: Any, code: str = CODE) -> list[str]:
    return [each.rule for each in detector.scan([snippet(code)]) if isinstance(each, Finding)]


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ({}, ["B403", "B101", "B307", "B605", "B108"]),
        ({"skip": ("B101", "B403", "B605")}, ["B307", "B108"]),
        ({"only": ("B307", "B403")}, ["B403", "B307"]),
        ({"only": ("B307", "B403"), "skip": ("B403",)}, ["B307"]),
        ({"only": ("B108",), "settings": {"hardcoded_tmp_directory": {"tmp_dirs": ["/scratch"]}}}, ["B108"]),
        ({"only": ("B108",), "settings": {"hardcoded_tmp_directory": {"tmp_dirs": ("/other",)}}}, []),
        ({"only": ("B605",), "settings": {"shell_injection": {"shell": ["ops.shell"]}}}, []),
    ],
)
def test_options_choose_checks(options: dict[str, Any], rules: list[str], snippet: Any) -> None:
    assert _rules(BanditDetector(**options), snippet) == rules


def test_settings_reach_calls_by_their_new_names(snippet: Any) -> None:
    detector = BanditDetector(settings={"shell_injection": {"shell": ["ops.shell"]}})
    assert "B605" in _rules(detector, snippet, "ops.shell(line + x)\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"skip": ("B1O1",)}, ("'B1O1'", "skip", "B101", "B704")),
        ({"only": ("nosec",)}, ("'nosec'", "only", "B101")),
        ({"only": ("B101",), "skip": ("B101",)}, ("skip", "only")),
        ({"settings": {"shell": {}}}, ("'shell'", "shell_injection")),
        ({"settings": {"shell_injection": {"popen": []}}}, ("'popen'", "no_shell")),
        ({"settings": {"shell_injection": {"shell": "os.system"}}}, ("shell_injection.shell", "list of strings")),
        ({"settings": {"try_except_pass": {"check_typed_exception": 1}}}, ("check_typed_exception", "bool")),
    ],
)
def test_a_wrong_option_names_the_valid_ones(options: dict[str, Any], told: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        BanditDetector(**options)
    for word in told:
        assert word in str(caught.value)


def test_detectors_with_other_options_and_bandit_itself_do_not_disturb_each_other(
    snippet: Any, bandit_says: Any, find: Any, summary: Any
) -> None:
    narrow = BanditDetector(only=("B301",), settings={"hardcoded_tmp_directory": {"tmp_dirs": ["/scratch"]}})
    before = summary(find(CODE))
    assert bandit_says(CODE) == before
    assert _rules(narrow, snippet, "pickle.loads(x)\nexec('/scratch')\n") == ["B301"]
    assert bandit_says(CODE) == before
    assert summary(find(CODE)) == before


def test_the_self_check_finds_nothing_wrong() -> None:
    assert list(BanditDetector(only=("B101",)).check()) == []


def test_the_self_check_tells_when_a_known_line_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BanditDetector, "scan", lambda _self, _snippets: iter(()))
    assert "B307" in "".join(BanditDetector().check())
