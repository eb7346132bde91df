"""How well `flow` tells weak code from repaired code on our own corpus, and how quiet it is on clean code."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tracevet import Confidence, Finding, Gap
from tracevet_python.flow import FlowDetector

FOLDER = Path(__file__).parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"flow_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


corpus, report = _load("corpus"), _load("report")


@pytest.fixture(scope="module")
def pairs() -> list[Any]:
    return list(corpus.pairs())


def test_the_corpus_is_large_and_parses(pairs: list[Any]) -> None:
    assert len(pairs) >= 400
    assert len(list(corpus.clean())) >= 100
    assert len({pair.cwe for pair in pairs}) >= 35
    assert len({pair.style for pair in pairs}) >= 15
    scan = report.scanners()["flow"]
    gaps = [pair.style for pair in pairs for each in scan(pair.weak) + scan(pair.repaired) if isinstance(each, Gap)]
    assert gaps == []


def test_flow_keeps_the_floor_it_reached(pairs: list[Any]) -> None:
    scores = report.score(report.scanners()["flow"], pairs)
    assert scores["all"].recall >= 0.98
    assert scores["all"].false_positive_rate <= 0.02
    assert {cwe for cwe, each in scores.items() if each.f1 < 0.9} == set()


def test_a_finding_stands_at_the_line_that_is_weak(pairs: list[Any]) -> None:
    scan = report.scanners()["flow"]
    wrong = []
    for pair in pairs:
        found = [each for each in scan(pair.weak) if isinstance(each, Finding) and report.sees([each], pair.cwe)]
        if not any(each.region.start_line <= pair.line <= each.region.end_line for each in found):
            wrong.append((pair.cwe, pair.style, pair.line))
    assert len(wrong) <= len(pairs) // 50, wrong


def test_clean_code_that_looks_dangerous_is_left_alone() -> None:
    detector = FlowDetector(min_confidence=Confidence.MEDIUM)
    loud = {
        name: [each for each in detector.scan([report.snippet_of(text)]) if report.is_said(each)]
        for name, text in corpus.clean()
    }
    assert {name: rules for name, rules in loud.items() if rules} == {}


def test_low_confidence_is_rare_on_clean_code() -> None:
    detector = FlowDetector()
    loud = [name for name, text in corpus.clean() if any(map(report.is_said, detector.scan([report.snippet_of(text)])))]
    assert len(loud) <= 2, loud
