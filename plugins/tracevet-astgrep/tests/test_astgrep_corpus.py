"""Recall and false alarms on our own corpus, by language; `pytest -s -k corpus` prints the table."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tracevet import Finding, Gap

Scan = Callable[[str, str], list[Finding | Gap]]
FLOOR_RECALL, FLOOR_FAMILY, CEILING_FALSE = 0.97, 0.95, 0.03
FAMILIES = ({"CWE-89", "CWE-943"}, {"CWE-94", "CWE-95"}, {"CWE-327", "CWE-328"}, {"CWE-330", "CWE-338"})


def test_the_corpus_is_large_enough(corpus: Sequence[Any]) -> None:
    pairs = [case for case in corpus if case.bad]
    assert len(pairs) >= 80
    assert len(corpus) - len(pairs) >= 50


def test_no_title_stands_twice_in_a_language(corpus: Sequence[Any]) -> None:
    counts = Counter((case.language, case.title) for case in corpus)
    assert not [title for title, count in counts.items() if count > 1]


def test_recall_and_false_alarms_keep_their_bounds(corpus: Sequence[Any], scan: Scan) -> None:
    table: dict[str, Counter[str]] = {}
    missed: list[str] = []
    for case in corpus:
        row = table.setdefault(case.language, Counter())
        _count(row, case, scan, missed)
    print(_report(table), *missed, sep="\n")  # noqa: T201 - the report, for people
    total: Counter[str] = sum(table.values(), Counter())
    assert total["any"] >= FLOOR_RECALL * total["pairs"], missed
    assert total["family"] >= FLOOR_FAMILY * total["pairs"], missed
    assert total["false"] <= CEILING_FALSE * total["safe"], missed


@pytest.mark.parametrize(("cut", "floor"), [(0.15, 0.8), (0.3, 0.75)], ids=str)
def test_most_weaknesses_are_found_with_head_and_tail_cut_off(
    corpus: Sequence[Any], scan: Scan, cut: float, floor: float
) -> None:
    """Cut lines away at both ends, as edits and truncated answers do, but never the weak line itself."""
    seen = found = 0
    for case in corpus:
        hits = [each for each in scan(case.language, case.bad) if isinstance(each, Finding)] if case.bad else []
        lines = case.bad.split("\n")
        if len(lines) < 5 or not hits:
            continue
        first = min(int(len(lines) * cut) + 1, min(hit.region.start_line for hit in hits) - 1)
        last = max(int(len(lines) * (1 - cut)), *(hit.region.end_line for hit in hits))
        seen += 1
        found += any(isinstance(each, Finding) for each in scan(case.language, "\n".join(lines[first:last])))
    assert found >= floor * seen, f"{found} of {seen}"


def _count(row: "Counter[str]", case: Any, scan: Scan, missed: list[str]) -> None:
    false = [each.rule for each in scan(case.language, case.good) if isinstance(each, Finding)]
    row["safe"] += 1
    row["false"] += bool(false)
    if false:
        missed.append(f"{case.language}: {case.title}: false {false}")
    if not case.bad:
        return
    found = [each for each in scan(case.language, case.bad) if isinstance(each, Finding)]
    wanted = next((family for family in FAMILIES if case.cwe in family), {case.cwe})
    family = any(wanted & set(each.cwe) for each in found)
    row["pairs"] += 1
    row["any"] += bool(found)
    row["family"] += family
    if not family:
        missed.append(f"{case.language}: {case.title}: only {[each.rule for each in found]}")


def _report(table: "dict[str, Counter[str]]") -> str:
    lines = ["", "| language | pairs | recall any | recall family | safe | false alarms |", "|---|---|---|---|---|---|"]
    for language, row in sorted(table.items()):
        pairs = row["pairs"] or 1
        shares = f"{row['any'] / pairs:.2f} | {row['family'] / pairs:.2f}"
        lines.append(f"| {language} | {row['pairs']} | {shares} | {row['safe']} | {row['false'] / row['safe']:.2f} |")
    return "\n".join(lines)
