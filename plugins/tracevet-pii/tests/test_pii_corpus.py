"""How much of our corpus is found, and how little else: the floor that was reached."""

from collections.abc import Callable

import pytest

from tracevet_pii import PiiDetector

FLOOR = {  # least precision and least recall
    "email": (0.99, 0.97),
    "phone": (0.99, 0.98),
    "card": (0.99, 0.98),
    "ssn": (0.99, 0.99),
    "national-id": (0.98, 0.96),
    "iban": (0.99, 0.99),
    "ip": (0.99, 0.99),
    "mac": (0.99, 0.99),
    "home-path": (0.99, 0.99),
    "birth-date": (0.99, 0.99),
}


@pytest.fixture(scope="module")
def report(
    detector: PiiDetector, tallied: Callable[[PiiDetector], dict[str, tuple[int, int, int]]]
) -> dict[str, tuple[int, int, int]]:
    """Count the corpus once, and show the table (`pytest -s`)."""
    counts = tallied(detector)
    for type_, (hits, wrong, missed) in counts.items():
        precision, recall = hits / (hits + wrong), hits / (hits + missed)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{type_:12} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")  # noqa: T201  the report
    return counts


@pytest.mark.parametrize("type_", sorted(FLOOR))
def test_the_corpus_is_found_as_well_as_it_was(report: dict[str, tuple[int, int, int]], type_: str) -> None:
    hits, wrong, missed = report[type_]
    precision, recall = FLOOR[type_]
    assert hits / (hits + wrong) >= precision
    assert hits / (hits + missed) >= recall


def test_the_corpus_is_large_enough_to_mean_something(corpus_size: tuple[int, int]) -> None:
    positives, negatives = corpus_size
    assert positives >= 300
    assert negatives >= 300
