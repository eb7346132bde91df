"""Patterns in policies: what a file may say, who runs them, and how their findings breach the policy."""

import json
import pickle
from pathlib import Path

import jsonschema
import pytest
import yaml
from pattern_parts import Plain

from tracevet import Confidence, ConfigError, Mode, Pattern, PatternKind, Policy, PolicyPack, Severity, Snippet, Surface
from tracevet.assembly import Assembly
from tracevet.config import Config
from tracevet.policy import breaches, load_pack, patterns_of, policy_schema, share
from tracevet.proving import prove
from tracevet.registry import Registry
from tracevet.trying import tried
from tracevet.workers import Engine

GOOD = """\
pack: acme
policies:
  - id: no-hosts
    title: No internal hosts
    category: configuration
    severity: high
    languages: [python]
    recommendation: Read it from the configuration.
    patterns:
      - id: corp
        message: A host is named.
        regex: corp.example
        valid: [www.example.com]
        invalid: [wiki.corp.example]
"""
PATTERN = Pattern(id="corp", message="A host.", regex="corp", invalid=("corp",))
POLICY = Policy(id="no-hosts", title="t", category="c", severity=Severity.HIGH, recommendation="r", patterns=(PATTERN,))

WRONG = {  # a part of GOOD, what to write for it, the line of the message, and its text
    "no kind": ("        regex: corp.example\n", "", 10, "give one of rule, regex, imports and calls, not none"),
    "two kinds": ("regex: corp", "calls: [eval]\n        regex: corp", 10, "not regex and calls"),
    "no bad example": ("        invalid: [wiki.corp.example]\n", "", 10, "the key 'invalid' is missing"),
    "a misspelt key": ("message:", "mesage:", 11, "unknown key 'mesage'; did you mean 'message'?"),
    "a bad id": ("id: corp", "id: Corp host", 10, "id"),
    "a regex too long": ("corp.example\n        valid", "x" * 4001 + "\n        valid", 12, "at most 4000 characters"),
    "a part of no regex": ("regex: corp.example", "of: code\n        calls: [eval]", 10, "of goes with regex"),
    "an import that is code": ("regex: corp.example", "imports: ['os; x']", 12, "imports"),
    "a message of two lines": ("A host is named.", '"a\\nb"', 11, "message"),
    "an id twice": (
        "    patterns:\n",
        "    patterns:\n      - {id: corp, message: m, regex: x, invalid: [x]}\n",
        11,
        "twice",
    ),
    "no list": ("[wiki.corp.example]", "wiki.corp.example", 14, "invalid must be a list"),
}


def assembly(*policies: Policy) -> Assembly:
    return Assembly(config=Config(), registry=Registry.load(), policies=policies)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_pattern_is_named_with_its_line(wrong: str) -> None:
    old, new, line, said = WRONG[wrong]
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load_pack(GOOD.replace(old, new, 1), "acme.yaml")
    place = f"acme.yaml:{line}: policy 'no-hosts', pattern "
    assert any(each.startswith(place) and said in each for each in str(caught.value).splitlines())


def test_a_pattern_knows_its_place_and_its_policy_speaks_for_it() -> None:
    pack = load_pack(GOOD, "acme.yaml")
    rules = patterns_of(pack.policies)
    assert list(rules) == ["no-hosts.corp"]
    pattern = rules["no-hosts.corp"]
    assert (pattern.kind, pattern.place) == (PatternKind.REGEX, "acme.yaml:10")
    assert (pattern.languages, pattern.severity) == (("python",), Severity.HIGH)
    assert pickle.loads(pickle.dumps(pattern)).place == "acme.yaml:10"


def test_the_schema_knows_patterns() -> None:
    schema = policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(GOOD), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(GOOD.replace("message:", "mesage:")), schema)
    assert "description" in json.dumps(schema["$defs"]["Pattern"]["properties"]["regex"])


def test_numbers_and_switches_of_a_rule_are_read() -> None:
    pattern = Pattern(id="x", message="m", rule={"nthChild": {"position": "2", "reverse": "true"}}, invalid=("x",))
    assert pattern.rule == {"nthChild": {"position": 2, "reverse": True}}


@pytest.mark.parametrize(("language", "rule", "counts"), [("python", "no-hosts.corp", True), ("python", "corp", False)])
def test_a_pattern_breaches_its_own_policy_alone(language: str, rule: str, counts: bool) -> None:
    text = Snippet(text="corp", surface=Surface.APPLIED, language=language, span="", pointer="")
    (finding,) = Plain(patterns={rule: PATTERN}).scan([text])
    assert breaches(POLICY, finding, language) is counts
    assert not breaches(POLICY.model_copy(update={"id": "other"}), finding, language)


def test_each_pattern_goes_to_the_first_that_runs_it() -> None:
    runners = {"b": {PatternKind.REGEX}, "a": {PatternKind.RULE}, "c": {PatternKind.REGEX}}
    assert share({"p.x": PATTERN}, runners) == {"b": {"p.x": PATTERN}}


def test_without_an_engine_one_sentence_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"acme.yaml:10: policy 'no-hosts', pattern 'corp'.*pip install") as caught:
        share(patterns_of(load_pack(GOOD, "acme.yaml").policies), {"other": {PatternKind.CALLS}})
    assert "\n" not in str(caught.value)


def test_the_engine_follows_what_the_patterns_say() -> None:
    def id_of(pattern: Pattern) -> str:
        return Engine(cls=Plain, options={"patterns": {"p.x": pattern}}).id

    same = Pattern(id="corp", message="A host.", regex="corp", invalid=("corp",)).at("moved.yaml:99")
    assert id_of(PATTERN) == id_of(same)
    for change in ({"regex": "corq"}, {"confidence": Confidence.LOW}, {"languages": ("go",)}):
        assert id_of(PATTERN) != id_of(PATTERN.model_copy(update=change))


def test_what_only_runs_patterns_is_left_out_without_any() -> None:
    assert "patterns" not in {engine.name for engine in assembly().engines()}
    (engine,) = (engine for engine in assembly(POLICY).engines() if engine.name == "patterns")
    assert list(engine.options["patterns"]) == ["no-hosts.corp"]  # type: ignore[call-overload]  # options are objects


def test_examples_that_fail_are_named() -> None:
    bad = PATTERN.model_copy(update={"valid": ({"": "a corp"},), "invalid": ({"": "corp"}, {"go": "nothing"})})
    proof = prove(assembly(POLICY.model_copy(update={"patterns": (bad.at("acme.yaml:7"),)})))
    assert proof.examples == 3
    assert proof.failures == (
        "acme.yaml:7: policy 'no-hosts', pattern 'corp': valid example 1 (text) is found, and should not be",
        "acme.yaml:7: policy 'no-hosts', pattern 'corp': invalid example 2 (go) is not found",
    )


def test_every_pattern_that_can_not_be_read_is_told() -> None:
    wrong = [
        Pattern(id="a", message="m", regex="(", invalid=("x",)),
        Pattern(id="b", message="m", rule={"kind": "nothing"}, languages=("python",), invalid=("x",)),
        Pattern(id="c", message="m", calls=("eval",), invalid=("eval(x)",)),
    ]
    with pytest.raises(ConfigError) as caught:
        prove(assembly(POLICY.model_copy(update={"patterns": tuple(wrong)})))
    said = str(caught.value).splitlines()
    assert [line.split("'")[3] for line in said] == ["a", "b", "c"]
    assert "give languages" in said[2]


def test_what_is_tried_is_on(tmp_path: Path) -> None:
    pack = PolicyPack(name="p", policies=(POLICY.model_copy(update={"mode": Mode.OFF}),), source=str(tmp_path))
    assert [policy.mode for policy in tried(assembly(), pack).policies] == [Mode.MONITOR]
