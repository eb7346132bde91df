"""From trace to verdict, without processes: dedupe, gaps and isolation."""

from collections.abc import Mapping, Sequence

from odd_detectors import Marks
from simple_parts import POLICY, Inputs, Stumbling, trace

from tracevet import (
    Confidence,
    Coverage,
    Extractor,
    Finding,
    Gap,
    GapReason,
    Outcome,
    Result,
    Session,
    Snippet,
    Surface,
    Trace,
)
from tracevet.pipeline import Setup, conclude, prepare, vet
from tracevet.workers import Engine


def scan(engine: Engine, snippets: Sequence[Snippet]) -> Mapping[str, Result]:
    said = list(engine.cls().scan(snippets))
    return {
        snippet.digest: Result(
            tuple(one for one in said if isinstance(one, Finding) and one.snippet == snippet.digest),
            tuple(one for one in said if isinstance(one, Gap) and one.snippet == snippet.digest),
        )
        for snippet in snippets
    }


def setup(*extractors: Extractor) -> Setup:
    return Setup(extractors=extractors or (Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=b"k" * 32)


def test_the_same_text_in_three_spans_is_one_violation_with_three_places() -> None:
    verdict, _ = vet(trace("t", "BAD", "BAD", "BAD"), Session(id="s"), setup(), scan)
    (violation,) = verdict.violations
    assert violation.occurrences == 3
    assert [place.span for place in violation.places] == ["t-0", "t-1", "t-2"]
    assert verdict.snippets == 1


def test_vetting_twice_gives_the_same_verdict() -> None:
    one, session = vet(trace("t", "BAD", resent=["BAD"], session="s"), Session(id="s"), setup(), scan)
    assert vet(trace("t", "BAD", resent=["BAD"], session="s"), session, setup(), scan)[0] == one


def test_an_extractor_that_fails_is_a_gap_without_the_traces_text_and_what_it_gave_counts() -> None:
    verdict, _ = vet(trace("t", "BAD hunter2"), Session(id="s"), setup(Stumbling()), scan)
    assert verdict.outcome is Outcome.VIOLATIONS
    (gap,) = verdict.gaps
    assert gap.detail == "extractor 'stumbling' raised ValueError"
    assert verdict.coverage is Coverage.PARTIAL


class Gopher(Inputs):
    """Says that everything is Go."""

    def extract(self, trace: Trace) -> list[Snippet | Gap]:
        """Yield two snippets that no detector reads."""
        return [
            Snippet(text=text, surface=Surface.APPLIED, language=language, span="s", pointer="/input")
            for text, language in (("package a", "go"), ("package b", "go"), ("?", ""), ("hello", "text"))
        ]


def test_code_that_no_detector_reads_is_one_gap_a_language() -> None:
    verdict, _ = vet(trace("t", "-"), Session(id="s"), setup(Gopher()), scan)
    assert [(gap.reason, gap.count) for gap in verdict.gaps] == [
        (GapReason.NO_DETECTOR, 2),
        (GapReason.UNKNOWN_LANGUAGE, 1),
    ]
    assert verdict.outcome is Outcome.UNKNOWN


def test_the_result_of_a_session_is_the_same_however_it_is_stepped_through() -> None:
    first, second = trace("t1", "BAD", session="s"), trace("t2", "good", resent=["BAD"], session="s")
    prepared, session = prepare(first, Session(id="s"), setup())
    results = {engine.id: scan(engine, prepared.wanted(engine)) for engine in setup().engines}
    assert conclude(prepared, results, setup()) == vet(first, Session(id="s"), setup(), scan)[0]
    assert session.seen == vet(first, Session(id="s"), setup(), scan)[1].seen
    assert vet(second, session, setup(), scan)[0].violations == ()


def test_a_trace_that_was_prepared_holds_none_of_its_spans_content() -> None:
    prepared, _ = prepare(trace("t", "BAD"), Session(id="s"), setup())
    assert [(span.id, span.input, span.output) for span in prepared.trace.spans] == [("t-0", None, None)]


def test_setups_that_may_give_other_verdicts_have_other_digests() -> None:
    other = POLICY.model_copy(update={"min_confidence": Confidence.HIGH})
    digests = {
        setup().digest,
        Setup(extractors=(Inputs(),), engines=(), policies=(POLICY,), key=b"k").digest,
        Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(other,), key=b"k").digest,
    }
    assert len(digests) == 3
