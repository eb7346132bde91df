"""What the detector promises beside its rules: options, places, masks, isolation, batches."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tracevet import ConfigError, Detector, Finding, Gap, GapReason, Snippet, Surface
from tracevet_astgrep import AstGrepDetector, register_detectors
from tracevet_astgrep.load import builtin_rules
from tracevet_astgrep.packages import PackagesDetector
from tracevet_astgrep.patterns import PatternsDetector

Scan = Callable[[str, str], list[Finding | Gap]]
RULE = """
languages: [javascript]
rules:
  - id: my-danger
    severity: high
    confidence: high
    message: This call is dangerous.
    fix: Do not call it at all.
    rule: {pattern: danger($X)}
    valid: [safe(x), dangerous(x)]
    invalid: [danger(x), "danger(y) }"]
"""


def _snippet(text: str, language: str = "javascript") -> Snippet:
    return Snippet(text=text, surface=Surface.SUGGESTED, language=language, span="s", pointer="/output")


def _rules(detector: Detector, text: str) -> list[str]:
    return [each.rule for each in detector.scan([_snippet(text)]) if isinstance(each, Finding)]


def test_the_plugin_brings_its_detector() -> None:
    assert list(register_detectors()) == [AstGrepDetector, PackagesDetector, PatternsDetector]


def test_importing_the_plugin_does_not_import_the_engine() -> None:
    code = "import sys, tracevet_astgrep; sys.exit('ast_grep_py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_healthy_detector_has_no_complaints() -> None:
    assert list(AstGrepDetector().check()) == []


def test_skip_and_only_choose_rules() -> None:
    text = "eval(req.query.x); new RegExp(req.query.y)"
    assert _rules(AstGrepDetector(), text) == ["js-eval", "js-regex-injection"]
    assert _rules(AstGrepDetector(skip=("js-eval",)), text) == ["js-regex-injection"]
    assert _rules(AstGrepDetector(only=("js-eval",)), text) == ["js-eval"]


@pytest.mark.parametrize("option", ["skip", "only"])
def test_an_unknown_rule_is_an_error_that_lists_the_known_ones(option: str) -> None:
    with pytest.raises(ConfigError, match=r"no rule 'js-evil'.*js-eval"):
        AstGrepDetector(**{option: ("js-evil",)})  # type: ignore[arg-type]  # the option's name is the parameter


def test_rules_of_the_user_are_applied(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(RULE)
    for path in (tmp_path, tmp_path / "mine.yaml"):
        assert _rules(AstGrepDetector(rules=(path,)), "danger(1)") == ["my-danger"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("id: my-danger", "id: danger"), "'danger': id: String should match"),
        (("id: my-danger", "id: js-eval"), "two rules have the id 'js-eval'"),
        (("severity: high", "severity: bad"), "severity: Input should be 'low'"),
        (("rule: {", "regel: {"), "regel: Extra inputs"),
        (("rule: {pattern: danger($X)}", "rule: {kind: no_such}\n    keywords: [x]"), "can't read it for javascript"),
        (("rule: {pattern: danger($X)}", "rule: {kind: identifier}"), "give 'keywords'"),
        (("rule: {pattern: danger($X)}", "text: '(?=x)'\n    keywords: [x]"), "RE2 can't read"),
        (("rule: {pattern: danger($X)}", "where: {X: tainted}\n    rule: {pattern: danger($X)}"), "unknown label"),
        (("[javascript]", "[cobol]"), "no language 'cobol'; known: "),
        (("rules:", "rules: ["), "not YAML"),
        (("rules:", "rule:"), "needs a list under the key 'rules'"),
    ],
)
def test_a_wrong_rule_file_is_an_error_that_says_where(tmp_path: Path, change: tuple[str, str], error: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(RULE.replace(*change, 1))
    with pytest.raises(ConfigError) as caught:
        AstGrepDetector(rules=(file,))
    assert error in str(caught.value)


def test_a_missing_rule_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: can't be read"):
        AstGrepDetector(rules=(tmp_path / "none.yaml",))


@pytest.mark.parametrize(
    ("language", "before", "code", "after"),
    [
        ("javascript", 'const é = "😀漢字";\n', "eval(req.query.x)", ";\n// ü"),
        ("javascript", "😀\ud800 } } )\n", "eval(req.query.x)", " }\n"),
        ("java", "  } // été\r\n", 'Runtime.getRuntime().exec("x" + ü)', ";\r\n}"),
        ("php", "<p>Größe</p><?php ", "eval($_GET['x'])", "; ?> <i>ä</i>"),
        ("go", "// 漢\n\t}\n", "md5.New()", "\n"),
        ("csharp", "case 😀:\n", "MD5.Create()", "; } }"),
    ],
)
def test_regions_count_characters_whatever_stands_before(
    scan: Scan, language: str, before: str, code: str, after: str
) -> None:
    text = before + code + after
    (found,) = [each for each in scan(language, text) if isinstance(each, Finding)]
    assert text[found.region.start : found.region.end] == code
    assert found.region.start_line == before.count("\n") + 1


def test_code_beyond_the_first_piece_is_found_where_it_stands(scan: Scan) -> None:
    text = "let a = 1;\n" * 12_000 + "eval(req.query.x);\n" + "let a = 1;\n" * 5_000
    (found,) = scan("javascript", text)
    assert isinstance(found, Finding)
    assert found.region.start_line == 12_001


def test_a_secret_is_masked(scan: Scan) -> None:
    text = 'const password = "Tr0ub4dor&3";'
    (found,) = scan("javascript", text)
    assert isinstance(found, Finding)
    assert [text[mask.start : mask.end] for mask in found.masks] == ['"Tr0ub4dor&3"']


@pytest.mark.parametrize("language", ["javascript", "java", "go", "csharp"])
def test_comments_and_strings_do_not_fire_and_comments_silence_nothing(scan: Scan, language: str) -> None:
    assert scan(language, '// md5.New() eval(a) MD5.Create() MessageDigest.getInstance("MD5")\nx = "eval(a)";\n') == []
    weak = {
        "javascript": "eval(a)",
        "java": 'MessageDigest.getInstance("MD5")',
        "go": "md5.New()",
        "csharp": "MD5.Create()",
    }
    found = [each.rule for each in scan(language, f"{weak[language]}; // nosec\n") if isinstance(each, Finding)]
    assert "suppression-comment" in found
    assert len(found) == 2


def test_a_rule_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = next(rule for rule in builtin_rules() if rule.id == "js-eval").model_copy(
        update={"rule": {"kind": "no"}, "keywords": ("eval",)}
    )
    monkeypatch.setattr("tracevet_astgrep.detector.builtin_rules", lambda: (broken, *_others()))
    results = list(AstGrepDetector().scan([_snippet("eval(x); new RegExp(req.query.y)")]))
    assert [each.rule for each in results if isinstance(each, Finding)] == ["js-regex-injection"]
    (gap,) = [each for each in results if isinstance(each, Gap)]
    assert gap.reason is GapReason.DETECTOR_FAILED
    assert "js-eval" in gap.detail


def test_a_value_checked_away_in_another_branch_still_counts(scan: Scan) -> None:
    text = "let q = 'SELECT * FROM t WHERE a = ' + a;\nif (x) { q = 'SELECT 1 FROM t'; }\ndb.query(q);"
    assert "js-sql-concat" in {each.rule for each in scan("javascript", text) if isinstance(each, Finding)}


def test_a_value_replaced_by_a_constant_no_longer_counts(scan: Scan) -> None:
    text = "let q = input + a;\nq = 'SELECT 1 FROM t';\ndb.query(q);"
    assert scan("javascript", text) == []


def _others() -> list[object]:
    return [rule for rule in builtin_rules() if rule.id != "js-eval"]
