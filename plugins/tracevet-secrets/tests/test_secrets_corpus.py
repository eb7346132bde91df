"""The corpus: the floor that was reached. `python tests/secret_corpus.py` prints what is missed and what is false."""

from types import ModuleType

from tracevet import Confidence
from tracevet_secrets import SecretsDetector


def test_the_corpus_is_large_and_of_many_languages(corpus: ModuleType) -> None:
    for name in ("positives", "negatives"):
        cases = corpus.read(name)
        assert len({case.line for case in cases}) == len(cases) >= 250
        assert len({case.language for case in cases}) >= 20
    assert all(case.secrets for case in corpus.read("positives"))
    assert not any(case.secrets for case in corpus.read("negatives"))


def test_precision_and_recall_stay_above_the_floor(corpus: ModuleType, detector: SecretsDetector) -> None:
    score = corpus.judge(detector, corpus.read("positives") + corpus.read("negatives"))
    assert score.precision >= 0.98, corpus.report(detector)
    assert score.recall >= 0.94, corpus.report(detector)


def test_high_confidence_means_no_false_alarm_here(corpus: ModuleType, detector: SecretsDetector) -> None:
    score = corpus.judge(detector, corpus.read("positives") + corpus.read("negatives"), Confidence.HIGH)
    assert score.precision >= 0.99
    assert score.recall >= 0.7
