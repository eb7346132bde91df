"""Our corpus is well-formed, and tracevet does no worse on it than it did."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the corpus is a package of scripts, run from the root

from tests.corpus.engines import ENGINES, bandit, policies
from tests.corpus.load import Clean, Pair, clean, pairs
from tests.corpus.report import is_held
from tests.corpus.score import Judged, judge

pytest.importorskip("tracevet_python")
pytest.importorskip("tracevet_astgrep")
pytest.importorskip("tracevet_secrets")

LANGUAGES = {  # least recall of the family, most safe code flagged; where there are few pairs, one may go wrong
    "c": (0.90, 0.03),
    "cpp": (0.83, 0.03),
    "csharp": (0.90, 0.03),
    "dockerfile": (0.90, 0.10),
    "go": (0.93, 0.05),
    "java": (0.95, 0.05),
    "javascript": (0.93, 0.05),
    "kotlin": (0.90, 0.06),
    "php": (0.90, 0.05),
    "ruby": (0.93, 0.05),
    "rust": (0.90, 0.05),
    "shell": (0.90, 0.05),
    "sql": (0.80, 0.10),
    "terraform": (0.90, 0.10),
    "typescript": (0.90, 0.05),
    "yaml": (0.90, 0.10),
}
# CWEs of pairs that no policy names; the rules for them name another CWE beside.
ALONE = {f"CWE-{number}" for number in (621, 749)}
SILENT = {  # rules whose CWEs no policy names: they are seen by users with a policy of their own alone
    "c-environment-trust",
    "cpp-deprecated-pointer",
    "cpp-empty-catch",
    "php-loose-compare",
    "ruby-regex-anchors",
}


@pytest.fixture(scope="module")
def judged() -> Judged:
    return judge(ENGINES["tracevet"], pairs(), clean())


def test_the_corpus_is_large_and_of_many_languages_and_styles() -> None:
    counts = Counter(pair.language == "python" for pair in pairs())
    assert counts[True] >= 300
    assert counts[False] >= 300
    assert len(clean()) >= 300
    assert len({pair.language for pair in pairs()}) >= 16
    assert {pair.style for pair in pairs()} >= {"function", "class", "script", "edit", "notebook", "truncated"}


def test_some_pairs_are_held_out_in_every_large_language() -> None:
    ours = [pair for pair in pairs() if pair.source == "corpus"]
    assert sum(pair.held for pair in ours) >= len(ours) / 5
    assert {pair.language for pair in ours if pair.held} >= {"python", "javascript", "java", "go", "c", "cpp", "rust"}


def test_no_code_stands_in_the_corpus_twice() -> None:
    weak = Counter((pair.language, pair.weak, pair.repaired) for pair in pairs() if pair.source != "flow")
    safe = Counter((each.language, each.text) for each in clean())
    assert not [key for counter in (weak, safe) for key, count in counter.items() if count > 1]


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: f"{pair.source}-{pair.language}-{pair.title[:40]}")
def test_a_pair_differs_names_a_cwe_and_a_line_of_its_code(pair: Pair) -> None:
    assert pair.weak.strip() != pair.repaired.strip()
    assert re.fullmatch(r"CWE-[1-9]\d{0,3}", pair.cwe)
    lines = pair.weak.split("\n")
    assert pair.lines
    assert all(lines[line - 1].strip() for line in pair.lines if pair.source == "corpus")


def test_held_out_or_not_most_weak_python_is_named(judged: Judged) -> None:
    score = judged.score(lambda each: each.language == "python")
    assert score.recall >= 0.95
    assert score.fpr <= 0.10
    assert judged.score(lambda each: is_held(each) and each.language == "python").recall >= 0.75


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_weak_code_is_named_and_safe_code_left_alone(judged: Judged, language: str) -> None:
    recall, flagged = LANGUAGES[language]
    score = judged.score(lambda each: each.language == language)
    wrong = "\n".join(judged.wrong(lambda each: each.language == language and not is_held(each)))
    assert score.recall >= recall, wrong
    assert score.flagged <= flagged * score.safe, wrong


def test_a_miss_and_a_false_alarm_are_counted_as_such() -> None:
    pair = Pair(
        language="python",
        cwe="CWE-89",
        title="",
        style="",
        held=False,
        source="",
        weak="x",
        repaired="y",
        lines=frozenset({1}),
    )
    seen = bandit([("python", "import os\n\nos.system('ls ' + name)\n")])[0]
    said = judge(lambda _: [(), seen, seen], [pair], [Clean(language="python", title="", source="", text="z")]).score()
    assert {each.rule for each in seen} >= {"B605"}
    assert (said.weak, said.hits, said.any) == (1, 0, 0)
    assert (said.safe, said.flagged, said.alarms) == (2, 2, 1)  # the repaired half names another family


def test_each_cwe_belongs_to_a_policy_or_is_known_to_stand_alone() -> None:
    known = {cwe for policy in policies() for cwe in policy.cwe}
    assert {pair.cwe for pair in pairs()} - known <= ALONE


def test_what_astgrep_finds_breaches_a_policy_but_for_a_few_rules() -> None:
    from tracevet_astgrep.load import builtin_rules

    known = {cwe for policy in policies() for cwe in policy.cwe}
    named = [name.removeprefix("astgrep:") for policy in policies() for name in policy.rules]
    silent = {rule.id for rule in builtin_rules() if known.isdisjoint(rule.cwe)}
    assert {rule for rule in silent if not any(_covers(name, rule) for name in named)} <= SILENT


def _covers(name: str, rule: str) -> bool:
    return rule.startswith(name[:-1]) if name.endswith("*") else rule == name
