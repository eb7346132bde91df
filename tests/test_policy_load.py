"""Policy files: what they may say, and what is said about those that are wrong."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tracevet import Confidence, ConfigError, Mode, Policy, PolicyPack, Severity, Surface
from tracevet.policy import builtin_packs, join_packs, load_pack, policy_schema, read_pack

GOOD = """\
pack: acme
policies:
  - id: no-debug
    title: No debug servers
    category: configuration
    severity: high
    rules: ["bandit:B2*"]
    except_rules: [bandit:B202]
    surfaces: [applied]
    languages: [python]
    min_confidence: medium
    mode: off
    recommendation: Leave debug off.
    references: ["https://example.com"]
"""

WRONG = {  # a part of GOOD, what to write for it, the line of the message, and its text
    "a misspelt key": ("severity: high", "severty: high", 6, "unknown key 'severty'; did you mean 'severity'?"),
    "a misspelt value": (
        "severity: high",
        "severity: hgh",
        6,
        "severity can't be 'hgh'; did you mean 'high'? valid values: low, medium, high, critical",
    ),
    "an unknown mode": (
        "mode: off",
        "mode: blocking",
        12,
        "mode can't be 'blocking'; valid values: enforce, monitor, off",
    ),
    "a surface": ("[applied]", "[applied, comand]", 9, "surfaces can't be 'comand'; did you mean 'command'?"),
    "a missing key": ("    title: No debug servers\n", "", 3, "the key 'title' is missing"),
    "a long id": ("id: no-debug", "id: " + "x" * 29, 3, "; it must be at most 28 characters of a-z, 0-9"),
    "a bare rule": ('["bandit:B2*"]', "[B201]", 7, "rules can't be 'B201'; it must be DETECTOR:RULE"),
    "a bare number": ('rules: ["bandit:B2*"]', "cwe: [89]", 7, "cwe can't be '89'; it must be such as 'CWE-89'"),
    "one for many": ('rules: ["bandit:B2*"]', "rules: bandit:B201", 7, "rules must be a list"),
    "nothing at all": ("recommendation: Leave debug off.", "recommendation:", 13, "recommendation must be text"),
    "an empty text": ("recommendation: Leave debug off.", "recommendation: ''", 13, "recommendation must not be empty"),
    "a long title": ("No debug servers", "x" * 81, 4, "title must have at most 80 characters"),
    "a key twice": (
        "    mode: off\n",
        "    mode: off\n    mode: monitor\n",
        13,
        "the key 'mode' stands twice, first on line 12",
    ),
    "nothing to breach": ('    rules: ["bandit:B2*"]\n', "", 3, "needs cwe or rules"),
    "nowhere to look": ("[applied]", "[]", 9, "surfaces is empty; use mode: off"),
    "no pack": ("pack: acme\n", "", 1, "the key 'pack' is missing"),
    "another key": (
        "pack: acme\n",
        "pack: acme\npolices: []\n",
        2,
        "unknown key 'polices'; did you mean 'policies'? valid keys: pack, policies",
    ),
    "a tab": ("    title", "\ttitle", 4, "indented with a tab; YAML takes only spaces"),
    "an alias": ("[applied]", "&a [applied]\n    cwe: *a", 10, "aliases (*name) are not supported"),
    "a merge": ("    mode: off\n", "    <<: *base\n", 12, "aliases (*name) are not supported"),
    "a tag": ("No debug servers", "!!python/object/apply:os.system [x]", 4, "tags (!name) are not supported"),
    "a binary tag": ("No debug servers", "!!binary aGVsbG8=", 4, "tags (!name) are not supported"),
    "a control character": ("No debug", "No\x00debug", 4, "not a text file in UTF-8"),
    "a lone surrogate": ("No debug", "No\ud800debug", 4, "not a text file in UTF-8"),
    "an open bracket": ("[applied]", "[applied", 10, "not YAML: "),
    "a key that is a list": ("    mode: off\n", "    ? [a]\n    : b\n", 12, "a key must be plain text"),
    "two documents": ("pack: acme\n", "a: b\n---\npack: acme\n", 2, "a second document starts here"),
    "depth": ("[applied]", "[" * 100_000, 9, "nested more than 20 deep"),
    "size": ("pack: acme\n", "pack: acme\n" + "#" * 1_000_000, None, "too large; the limit is 1,000,000 characters"),
    "a list of words": ("policies:\n", "policies: [x]\nother:\n", 2, "policy 1: each entry must be a table of keys"),
}


def test_a_good_file_becomes_its_policies() -> None:
    assert load_pack(GOOD, "acme.yaml") == PolicyPack(
        name="acme",
        source="acme.yaml",
        policies=(
            Policy(
                id="no-debug",
                title="No debug servers",
                category="configuration",
                severity=Severity.HIGH,
                rules=("bandit:B2*",),
                except_rules=("bandit:B202",),
                surfaces=(Surface.APPLIED,),
                languages=("python",),
                min_confidence=Confidence.MEDIUM,
                mode=Mode.OFF,  # plain YAML reads `off` as false
                recommendation="Leave debug off.",
                references=("https://example.com",),
            ),
        ),
    )


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_told_by_line_with_the_way_out(case: str) -> None:
    old, new, line, text = WRONG[case]
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load_pack(GOOD.replace(old, new, 1), "acme.yaml")
    place = f"acme.yaml:{line}: " if line else "acme.yaml: "
    assert any(told.startswith(place) and text in told for told in str(caught.value).splitlines())


def test_a_message_names_file_line_policy_and_what_is_valid() -> None:
    with pytest.raises(ConfigError) as caught:
        load_pack(GOOD.replace("severity: high", "severity: hgh"), "acme.yaml")
    assert str(caught.value) == (
        "acme.yaml:6: policy 'no-debug': severity can't be 'hgh'; did you mean 'high'? "
        "valid values: low, medium, high, critical"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "just text", "~"])
def test_a_file_that_is_no_table_says_what_it_must_be(text: str) -> None:
    with pytest.raises(ConfigError, match="must be a table with the keys pack and policies"):
        load_pack(text, "acme.yaml")


def test_all_problems_of_a_file_are_told_at_once_by_line() -> None:
    text = GOOD.replace("severity: high", "severity: hgh").replace("[applied]", "[comand]").replace("pack:", "pak:")
    with pytest.raises(ConfigError) as caught:
        load_pack(text, "acme.yaml")
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == ["acme.yaml:1", "acme.yaml:1", "acme.yaml:6", "acme.yaml:9"]


def test_an_id_that_stands_twice_in_a_file_names_both_lines() -> None:
    again = GOOD[GOOD.index("  - id") :]
    with pytest.raises(ConfigError, match=r"^acme.yaml:15: policy 'no-debug' stands twice, first on line 3$"):
        load_pack(GOOD + again, "acme.yaml")


def test_two_packs_with_one_id_name_both_sources() -> None:
    packs = [load_pack(GOOD, "a.yaml"), load_pack(GOOD, "b.yaml")]
    with pytest.raises(ConfigError, match=r"'no-debug' is defined by a.yaml and by b.yaml"):
        join_packs(packs)


def test_a_pack_with_one_id_twice_is_refused() -> None:
    pack = load_pack(GOOD, "a.yaml")
    with pytest.raises(ConfigError, match=r"'no-debug' is defined by a.yaml and by a.yaml"):
        join_packs([PolicyPack(name="p", policies=pack.policies * 2, source="a.yaml")])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read: No such file"),
        (b"\xff\xfe\x00pack", "not a text file in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    if content:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"acme.yaml: {message}|acme.yaml: .*{message}"):
        read_pack(file)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(GOOD, "utf-8-sig")
    assert read_pack(tmp_path / "acme.yaml").name == "acme"


def test_the_schema_accepts_our_own_files_and_refuses_wrong_ones() -> None:
    schema = policy_schema()
    for pack in builtin_packs():
        rows = [json.loads(policy.model_dump_json()) for policy in pack.policies]
        jsonschema.validate({"pack": pack.name, "policies": rows}, schema)
    wrong = yaml.safe_load(GOOD) | {"polices": []}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_the_schema_describes_every_key() -> None:
    schema = policy_schema()
    tables = [schema["properties"], schema["$defs"]["Policy"]["properties"]]
    assert [name for table in tables for name, field in table.items() if not field.get("description")] == []
