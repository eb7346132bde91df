"""What the detector promises: evidence masked, options that hold, examples that are found."""

import re
from collections.abc import Callable, Sequence

import pytest

from tracevet import Confidence, ConfigError, Finding, PluginError, Severity, Snippet
from tracevet_pii import PiiDetector
from tracevet_pii.id_table import NUMBERS, Number
from tracevet_pii.presidio import installed
from tracevet_pii.rule import Rule
from tracevet_pii.table import RULES

WITHOUT_CHECKSUM = {"", "us.itin", "dk.cpr", "in_.pan"}  # the form alone, or a checksum given up (CPR, 2007)
Scan = Callable[..., list[Finding]]


def _data(text: str, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(each.rule, text[each.region.start : each.region.end]) for each in findings]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.type)
def test_the_example_of_a_rule_is_found_whole_and_masked(scan: Scan, rule: Rule) -> None:
    before, datum, after = re.split("[⟦⟧]", rule.example)
    text = before + datum + after
    (finding,) = scan(text)
    assert _data(text, [finding]) == [(rule.id, datum)]
    assert (finding.severity, finding.cwe, finding.masks) == (rule.severity, (rule.cwe,), (finding.region,))
    assert not re.search(r"\d", finding.message)
    assert datum not in finding.message + finding.fix


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number.country}-{number.title}")
def test_a_national_number_is_found_after_its_name_and_not_with_a_wrong_checksum(scan: Scan, number: Number) -> None:
    word = number.words.split(", ")[0]
    assert _data(f"{word}: {number.example}", scan(f"{word}: {number.example}")) == [
        ("pii-national-id", number.example)
    ]
    if number.module not in WITHOUT_CHECKSUM:
        position = [each.start() for each in re.finditer(r"\d", number.example)][-2]
        changed = str((int(number.example[position]) + 1) % 10)
        wrong = number.example[:position] + changed + number.example[position + 1 :]
        assert "pii-national-id" not in [each.rule for each in scan(f"{word}: {wrong}")]


@pytest.mark.parametrize(
    ("text", "language", "confidence"),
    [
        ("SSN 536-90-4399", "text", Confidence.HIGH),
        ("the applicant 536-90-4399", "text", Confidence.MEDIUM),
        ("x = f('536-90-4399')", "python", Confidence.LOW),
        ("for example SSN 536-90-4399", "text", Confidence.MEDIUM),
        ("write to support@lumenta.io", "text", Confidence.MEDIUM),
        ("my visa 4111 1111 1111 1111", "text", Confidence.LOW),
        ("card 4532 1234 5678 9010 was refused", "text", Confidence.LOW),
        ("IBAN: DE44 5001 0517 5407 3249 30", "text", Confidence.LOW),
    ],
)
def test_words_and_setting_decide_on_the_confidence(
    scan: Scan, text: str, language: str, confidence: Confidence
) -> None:
    (finding,) = scan(text, language)
    assert finding.confidence == confidence


@pytest.mark.parametrize(
    "text",
    [
        "jane@example.com",
        "call (212) 555-0142",
        "from 192.0.2.55",
        "host 10.1.2.3",
        "peer 2001:db8::8a2e:370:7334",
        "test card 4242424242424242",
    ],
)
def test_what_is_reserved_is_found_only_on_request_and_then_at_low_confidence(scan: Scan, text: str) -> None:
    assert scan(text) == []
    (finding,) = scan(text, using=PiiDetector(reserved=True))
    assert finding.confidence == Confidence.LOW


def test_allowed_domains_and_values_are_no_findings(scan: Scan) -> None:
    own = PiiDetector(allow_domains=("lumenta.io",), allow=(r"81\.2\.69\.\d+",))
    text = "ana@lumenta.io bo@eu.lumenta.io cy@notlumenta.io from 81.2.69.142 and 81.2.70.142"
    assert [datum for _, datum in _data(text, scan(text, using=own))] == ["cy@notlumenta.io", "81.2.70.142"]


def test_only_the_chosen_types_are_found(scan: Scan) -> None:
    found = scan("ana@lumenta.io, SSN 536-90-4399", using=PiiDetector(types=("ssn",)))
    assert [each.rule for each in found] == ["pii-ssn"]


def test_a_region_makes_its_national_spelling_known(scan: Scan) -> None:
    text = "415-867-2931 answers"
    assert scan(text)
    assert not scan(text, using=PiiDetector(regions=("DE",)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"types": ("emial",)}, "no type named 'emial'; known: "),
        ({"regions": ("XX",)}, "no phone region named 'XX'"),
        ({"allow": ("(",)}, "no regular expression"),
        ({"engine": "presido"}, "no engine named 'presido'; known: own, presidio"),
        ({"model": "en_core_web_sm"}, 'set engine = "presidio"'),
    ],
)
def test_a_wrong_option_names_the_way_out(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        PiiDetector(**options)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.skipif(bool(installed()), reason="presidio is installed here")
def test_a_missing_presidio_names_its_extra() -> None:
    with pytest.raises(PluginError, match=re.escape("pip install 'tracevet-pii[presidio]'")):
        PiiDetector(engine="presidio")


def test_batching_and_repeating_change_nothing(
    detector: PiiDetector, snippet: Callable[..., Snippet], corpus: list[str]
) -> None:
    snippets = [snippet(text) for text in corpus]
    alone = [finding for each in snippets for finding in detector.scan([each])]
    assert list(detector.scan(snippets)) == alone == list(detector.scan(snippets))
    assert {each.severity for each in alone} == {Severity.LOW, Severity.MEDIUM, Severity.HIGH}


def test_lines_and_characters_are_those_of_the_text(scan: Scan) -> None:
    text = "ünï\n😀 x\nana@lumenta.io\n\nfrom 81.2.69.142"
    assert [(each.region.start_line, text[each.region.start : each.region.end]) for each in scan(text)] == [
        (3, "ana@lumenta.io"),
        (5, "81.2.69.142"),
    ]
