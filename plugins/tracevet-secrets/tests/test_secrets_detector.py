"""The detector's contract: one finding a secret, exact places, nothing quoted, nothing silenced."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tracevet import Confidence, ConfigError, Region, Severity, Snippet, Surface
from tracevet_secrets import SecretsDetector, register_detectors
from tracevet_secrets import detector as module
from tracevet_secrets.rules import RULES

ASSIGNMENT = 'password = "⟦q7!Tvolcano2⟧"'
BEFORE = (
    "",
    "é",
    "日本語 ",
    "😀😀",
    "\ud800 lone ",
    "\x00\x00",
    "\ud83d\ude00",
    "a\r\nb\n",
    "ÿ\n\n",
    "\u2028",
    "\ufeff",
)


def _snippet(text: str, language: str = "", surface: Surface = Surface.SUGGESTED) -> Snippet:
    return Snippet(text=text, surface=surface, language=language, span="s", pointer="/output")


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize(
    "line", [ASSIGNMENT, 'token: "⟦ghp_«crc:30»⟧"', 'passwd="⟦naïve-Pläne9⟧"', 'pw = "⟦p\u0151lö9!xk⟧"'], ids=ascii
)
def test_a_region_is_the_secret_itself_in_characters_and_lines(
    before: str, line: str, shapes: ModuleType, scan: Any
) -> None:
    text, [(start, end)] = shapes.marked(f"{before}\n{line}\nafter ✓")
    [found] = scan(text)
    assert found.region == Region.of(text, start, end)
    assert found.masks == (found.region,)


def test_a_private_key_is_one_finding_over_its_lines(shapes: ModuleType, scan: Any) -> None:
    text, [(start, end)] = shapes.marked("é\nkey = '''⟦«pem:RSA PRIVATE KEY»⟧'''\n")
    [found] = scan(text)
    assert (found.rule, found.cwe, found.region) == ("private-key", ("CWE-321",), Region.of(text, start, end))


def test_a_key_that_was_cut_off_is_masked_as_far_as_it_goes(shapes: ModuleType, scan: Any) -> None:
    key = shapes.fill("«pem:RSA PRIVATE KEY»")
    text = key[: key.index("-----END") - 30].rstrip()
    [found] = scan(text)
    assert (found.region.start, found.region.end) == (0, len(text))


def test_a_secret_that_several_rules_see_is_one_finding_of_the_most_telling_one(shapes: ModuleType, scan: Any) -> None:
    table = {
        'GITHUB_TOKEN = "ghp_«crc:30»"': "github-token",
        'openai_api_key = "sk-proj-«base64url:74»T3BlbkFJ«base64url:74»"': "openai-key",
        'secret_key="sk-lf-«uuid»"': "langfuse-secret-key",
        "Authorization: Bearer «jwt»": "jwt",
        'url = "https://x:glpat-«base64url:20»@gitlab.corp.internal/a.git"': "gitlab-token",
        'password = "https://bob:q7!Tvolcano2@corp.internal/"': "url-credentials",
        "curl -u 'ci:ghp_«crc:30»' https://api.github.com": "github-token",
        '"private_key": "«pemline:PRIVATE KEY»"': "google-service-account",
    }
    found = {text: [each.rule for each in scan(shapes.fill(text))] for text in table}
    assert found == {text: [rule] for text, rule in table.items()}


def test_masks_cover_all_that_overlapping_rules_took_for_secret(shapes: ModuleType, scan: Any) -> None:
    text, [(start, end)] = shapes.marked('db_password = "⟦pre!9fix-AKIA«aws»⟧"')
    [found] = scan(text)
    assert found.rule == "aws-access-key-id"
    assert [(each.start, each.end) for each in found.masks] == [(start, end)]


def test_a_secret_that_stands_twice_is_found_in_both_places(shapes: ModuleType, scan: Any) -> None:
    token = shapes.fill("ghp_«crc:30»")
    assert [each.region.start_line for each in scan(f"a = '{token}'\nb = '{token}'")] == [1, 2]


def test_no_message_quotes_any_of_the_text(corpus: ModuleType, scan: Any) -> None:
    titles = {f"{rule.title}." for rule in RULES}
    for case in corpus.read("positives"):
        for found in scan(case.text, case.language):
            assert found.message in titles
            assert found.fix == ""


@pytest.mark.parametrize(
    "comment",
    [
        "# nosec",
        "# noqa: S105",
        "# pragma: allowlist secret",
        "# gitleaks:allow",
        "// kingfisher:ignore",
        "# trufflehog:ignore",
        "# nosemgrep",
    ],
)
@pytest.mark.parametrize("line", ['password = "q7!Tvolcano2"', 'x = "ghp_«crc:30»"'])
def test_comments_silence_nothing(comment: str, line: str, shapes: ModuleType, scan: Any) -> None:
    plain, commented = scan(shapes.fill(line)), scan(shapes.fill(line) + f"  {comment}")
    assert (
        [(each.rule, each.region, each.confidence) for each in commented]
        == [(each.rule, each.region, each.confidence) for each in plain]
        != []
    )


def test_a_test_or_an_example_on_the_line_lowers_confidence_but_hides_nothing(scan: Any) -> None:
    [plain] = scan('password = "q7!Tvolcano2"')
    [example] = scan('password = "q7!Tvolcano2"  # for example')
    assert (plain.confidence, example.confidence) == (Confidence.HIGH, Confidence.MEDIUM)


MARKS = [
    "[SECRET_DETECTED]",
    "[REDACTED:credential]",
    "[REDACTED:pem]",
    "<REDACTED>",
    "[REDACTED]",
    "REDACTED",
    "redacted-by-litellm",
    "***",
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_redaction_mark_is_no_secret_but_as_a_whole_literal_it_says_that_one_was_there(mark: str, scan: Any) -> None:
    [found] = scan(f'db_password = "{mark}"', "python")
    assert (found.rule, found.severity) == ("redacted-secret", Severity.LOW)
    assert "rotate it" in found.message
    assert found.masks == ()
    for text in (
        f'password={mark}"DB_PASSWORD"]',
        f"api_key = {mark}",
        f"see {mark} above",
        f'color = "{mark}"',
        f"https://u:{mark}@h/",
    ):
        assert scan(text, "python") == []


def test_a_batch_gives_what_its_snippets_give_one_by_one(corpus: ModuleType, detector: SecretsDetector) -> None:
    snippets = [_snippet(case.text, case.language) for case in corpus.read("positives") + corpus.read("negatives")]
    batch = list(detector.scan(snippets))
    assert batch == [found for snippet in snippets for found in SecretsDetector().scan([snippet])] != []
    assert sorted(map(repr, batch)) == sorted(map(repr, detector.scan(snippets[::-1])))


@pytest.mark.parametrize("surface", Surface)
def test_every_surface_is_looked_at(surface: Surface, detector: SecretsDetector) -> None:
    assert surface in SecretsDetector.surfaces
    assert len(list(detector.scan([_snippet('password = "q7!Tvolcano2"', surface=surface)]))) == 1


def test_findings_come_in_the_order_of_the_text(shapes: ModuleType, scan: Any) -> None:
    text = shapes.fill(
        'password = "q7!Tvolcano2"\nkind = "ghp_«crc:30»"\ncurl -u ci:zK9!ooqa https://h\ntoken: «hex:40»\n'
    )
    starts = [found.region.start for found in scan(text)]
    assert starts == sorted(starts)
    assert len(starts) == 4


def test_a_skipped_rule_is_not_reported(shapes: ModuleType, scan: Any) -> None:
    text = shapes.fill('a = "ghp_«crc:30»"; password = "q7!Tvolcano2"')
    assert [each.rule for each in scan(text, using=SecretsDetector(skip=("assigned-password",)))] == ["github-token"]


def test_an_unknown_rule_to_skip_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'github-tokn'.*github-token"):
        SecretsDetector(skip=("github-tokn",))


def test_a_value_that_is_allowed_as_a_whole_is_not_reported(scan: Any) -> None:
    allowing = SecretsDetector(allow=(r"q7!T.*",))
    assert scan('password = "q7!Tvolcano2"', using=allowing) == []
    assert len(scan('password = "aq7!Tvolcano2"', using=allowing)) == 1
    assert len(scan('password = "q7!Tvolcano2"', using=SecretsDetector(allow=("q7!T",)))) == 1


def test_an_allowed_pattern_that_is_none_is_an_error_without_the_pattern() -> None:
    with pytest.raises(ConfigError, match="no regular expression") as caught:
        SecretsDetector(allow=("(hunter2",))
    assert "hunter2" not in str(caught.value)


def test_the_version_names_the_engine_and_the_check_is_content(
    detector: SecretsDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "google-re2" in SecretsDetector.version
    assert list(detector.check()) == []
    monkeypatch.setattr(module, "_PROBE", b"nothing here")
    assert len(list(detector.check())) == 1


def test_importing_the_plugin_imports_no_engine() -> None:
    code = "import sys, tracevet_secrets; assert not {'re2', '_re2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


def test_the_hook_brings_the_detector() -> None:
    assert tuple(register_detectors()) == (SecretsDetector,)
