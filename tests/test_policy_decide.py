"""decide: which findings become which violations, with what an analyst needs, and what a verdict says of gaps."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracevet import (
    Confidence,
    Context,
    Coverage,
    Fact,
    Finding,
    Gap,
    GapReason,
    Mode,
    Outcome,
    Policy,
    Region,
    Severity,
    Snippet,
    Span,
    SpanKind,
    Surface,
    Trace,
    Verdict,
)
from tracevet.policy import Scanned, builtin_packs, decide, fingerprint, join_packs, setup_digest

KEY = b"k" * 32
POLICIES = join_packs(builtin_packs())
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODE = """\
def get_user(user_id):
    query = f"SELECT * FROM users WHERE id = {user_id}"
    cursor.execute(query)
    return cursor.fetchone()
"""
LINE = 'query = f"SELECT * FROM users WHERE id = {user_id}"'
WHO = Context(
    developer=Fact(value="dev@company.com", source="userId"),
    project=Fact(value="acme/user-service", source="metadata.project"),
    assistant=Fact(value="claude-code", source="metadata.assistant"),
    model=Fact(value="model-1", source="metadata.model"),
)


def trace(*spans: Span, **fields: Any) -> Trace:
    turns = spans or tuple(
        Span(id=name, kind=SpanKind.GENERATION, start=START + timedelta(minutes=n))
        for n, name in enumerate(("s1", "s2", "s3"))
    )
    base: dict[str, Any] = {"start": START, "url": "https://lf.example/t1"}
    return Trace(platform="local", id="t1", spans=turns, **(base | fields))


def snippet(text: str = CODE, surface: Surface = Surface.SUGGESTED, span: str = "s1", **fields: Any) -> Snippet:
    return Snippet(text=text, surface=surface, span=span, **({"language": "python", "pointer": "/output"} | fields))


def finding(part: str = LINE, text: str = CODE, rule: str = "B608", **fields: Any) -> Finding:
    start = text.index(part)
    base = {
        "snippet": "",
        "detector": "bandit",
        "message": "SQL is put together from strings",
        "cwe": ("CWE-89",),
        "severity": Severity.MEDIUM,
        "confidence": Confidence.MEDIUM,
        "region": Region.of(text, start, start + len(part)),
    }
    return Finding(rule=rule, **(base | fields))


def scanned(*findings: Finding, places: tuple[Snippet, ...] = (snippet(),)) -> Scanned:
    return Scanned(snippet=places[0], places=places, findings=findings)


def judge(*found: Scanned, policies: tuple[Policy, ...] = POLICIES, **fields: Any) -> Verdict:
    of = fields.pop("trace", trace())
    return decide(of, fields.pop("context", WHO), found, policies, **({"key": KEY} | fields))


def test_the_reference_case_is_exactly_one_violation() -> None:
    prompt = snippet("Write a function to get user data from the database by ID", Surface.PROMPT, language="text")
    verdict = judge(Scanned(snippet=prompt, places=(prompt,)), scanned(finding()))
    (violation,) = verdict.violations
    assert (verdict.outcome, verdict.severity, verdict.coverage) == (Outcome.VIOLATIONS, Severity.HIGH, Coverage.FULL)
    assert (violation.policy, violation.title) == ("sql-injection", "SQL Injection Prevention")
    assert (violation.severity, violation.cwe, violation.category) == (Severity.HIGH, ("CWE-89",), "injection")
    assert violation.evidence == LINE
    assert "parameterized queries" in violation.recommendation
    assert (violation.developer, violation.project) == ("dev@company.com", "acme/user-service")
    assert (violation.assistant, violation.model, violation.repository) == ("claude-code", "model-1", None)
    assert (violation.start_line, violation.end_line, violation.surface) == (2, 2, Surface.SUGGESTED)
    assert (violation.span_id, violation.trace_id, violation.url) == ("s1", "t1", "https://lf.example/t1")
    assert (violation.first_seen, violation.occurrences, violation.also) == (START, 1, ())
    assert verdict.snippets == 2


def test_the_same_code_said_and_applied_is_one_violation_at_its_strongest_place() -> None:
    applied = snippet(CODE.replace("    ", "\t"), Surface.APPLIED, "s2", path="app/db.py")
    found = finding(text=CODE.replace("    ", "\t"))
    verdict = judge(scanned(finding()), scanned(found, places=(applied,)))
    (violation,) = verdict.violations
    assert (violation.surface, violation.path, violation.span_id) == (Surface.APPLIED, "app/db.py", "s2")
    assert violation.snippet == applied.digest
    assert [(place.surface, place.span) for place in violation.places] == [("applied", "s2"), ("suggested", "s1")]
    assert violation.occurrences == 2
    assert violation.first_seen == START


def test_several_rules_on_one_spot_are_one_violation_led_by_the_surest() -> None:
    sure = finding(
        'f"SELECT * FROM users WHERE id = {user_id}"', rule="flow", detector="flow", confidence=Confidence.HIGH
    )
    (violation,) = judge(scanned(finding(), sure, finding(rule="B610"))).violations
    assert (violation.detector, violation.rule, violation.confidence) == ("flow", "flow", Confidence.HIGH)
    assert violation.also == ("bandit:B608", "bandit:B610")
    assert violation.occurrences == 1


def test_a_line_that_stands_twice_is_one_violation_with_two_places() -> None:
    text = f"{LINE}\npass\n{LINE}\n"
    twice = [finding(text=text), finding(text=text, region=Region.of_lines(text, 3, 3))]
    (violation,) = judge(scanned(*twice, places=(snippet(text),))).violations
    assert [place.start_line for place in violation.places] == [1, 3]


def test_neighbours_that_a_long_finding_touches_stay_apart() -> None:
    text = 'run("a" + x)\nrun("b" + x)\n'
    found = [finding(part, text) for part in ('run("a" + x)', 'run("b" + x)')]
    long = finding(text.strip(), text, rule="B611", confidence=Confidence.LOW)
    assert [v.evidence for v in judge(scanned(long, *found, places=(snippet(text),))).violations] == text.split("\n")[
        :2
    ]


def test_one_finding_may_breach_two_policies() -> None:
    own = Policy(
        id="own", title="Own", category="own", severity=Severity.LOW, rules=("bandit:B6*",), recommendation="Don't."
    )
    verdict = judge(scanned(finding()), policies=(own, *POLICIES))
    assert [violation.policy for violation in verdict.violations] == ["sql-injection", "own"]


@pytest.mark.parametrize(
    ("fields", "breached"),
    [
        ({}, True),
        ({"cwe": ("CWE-79",)}, False),
        ({"cwe": (), "rules": ("bandit:B608",)}, True),
        ({"cwe": (), "rules": ("bandit:B6*",)}, True),
        ({"cwe": (), "rules": ("bandit:B60",)}, False),
        ({"cwe": (), "rules": ("other:*",)}, False),
        ({"except_rules": ("bandit:B6*",)}, False),
        ({"except_rules": ("bandit:B6*",), "rules": ("bandit:B608",)}, True),
        ({"languages": ("java", "Python")}, True),
        ({"languages": ("java",)}, False),
        ({"min_confidence": Confidence.MEDIUM}, True),
        ({"min_confidence": Confidence.HIGH}, False),
        ({"surfaces": (Surface.SUGGESTED,)}, True),
        ({"surfaces": (Surface.APPLIED, Surface.CONTEXT)}, False),
        ({"mode": Mode.ENFORCE}, True),
        ({"mode": Mode.OFF}, False),
    ],
)
def test_a_policy_looks_where_it_says(fields: dict[str, Any], breached: bool) -> None:
    base = {
        "id": "p",
        "title": "P",
        "category": "c",
        "severity": Severity.LOW,
        "cwe": ("CWE-89",),
        "recommendation": "R.",
    }
    verdict = judge(scanned(finding()), policies=(Policy(**(base | fields)),))
    assert [violation.policy for violation in verdict.violations] == (["p"] if breached else [])
    assert verdict.outcome is (Outcome.VIOLATIONS if breached else Outcome.CLEAN)


def test_what_stood_there_before_an_edit_is_not_the_assistants() -> None:
    old = snippet(surface=Surface.APPLIED, changed=((3, 4),))
    new = snippet(surface=Surface.APPLIED, changed=((1, 1), (2, 3)), span="s2")
    assert judge(scanned(finding(), places=(old,))).outcome is Outcome.CLEAN
    (violation,) = judge(scanned(finding(), places=(old, new))).violations
    assert [place.span for place in violation.places] == ["s2"]


def test_every_place_that_is_new_counts() -> None:
    (violation,) = judge(scanned(finding(), places=(snippet(span="s2"), snippet()))).violations
    assert [place.span for place in violation.places] == ["s1", "s2"]


def test_history_sent_again_is_no_new_place() -> None:
    again = [snippet(span=span, resent=True) for span in ("s2", "s3")]
    (violation,) = judge(scanned(finding(), places=(snippet(), *again))).violations
    assert [place.span for place in violation.places] == ["s1"]
    (violation,) = judge(scanned(finding(), places=tuple(again))).violations
    assert [place.span for place in violation.places] == ["s2"]


def test_the_fingerprint_depends_on_policy_project_and_code_alone() -> None:
    one = judge(scanned(finding())).violations[0].fingerprint
    path = Fact(value="/home/dev/User-Service/", source="cwd")
    elsewhere = judge(
        scanned(
            finding(text=f"# moved\n{CODE}"), places=(snippet(f"# moved\n{CODE}", Surface.APPLIED, "s3", path="b.py"),)
        ),
        trace=Trace(platform="langfuse", id="t2", spans=()),
        context=Context(project=path),
        key=b"another",
    )
    assert elsewhere.violations[0].fingerprint == one == fingerprint("sql-injection", "user-service", f"  {LINE}\n")
    assert one != judge(scanned(finding()), context=Context()).violations[0].fingerprint
    assert one != fingerprint("sql-injection", "user-service", LINE.replace("users", "orders"))
    assert len(one) == 32
    assert one == "9e95b1fb569984d87fb8569e1e502acd"  # stays: reviews and suppressions hang on it


def test_a_secrets_fingerprint_does_not_depend_on_the_key() -> None:
    text = 'password = "hunter2"\n'
    found = finding('"hunter2"', text, rule="B105", cwe=("CWE-259",))
    marks = {judge(scanned(found, places=(snippet(text),)), key=key).violations[0].fingerprint for key in (b"a", b"b")}
    assert len(marks) == 1


def test_evidence_hides_what_any_finding_on_the_snippet_masks() -> None:
    text = 'start("zq81", f"SELECT {x}")\n'
    hiding = finding('"zq81"', text, rule="B106", cwe=(), masks=(Region.of(text, 7, 11),))
    (violation,) = judge(scanned(finding(text.strip(), text), hiding, places=(snippet(text),))).violations
    assert "zq81" not in violation.model_dump_json()
    assert violation.evidence.startswith('start("[masked: 4 chars, hmac ')
    assert violation.evidence.endswith(']", f"SELECT {x}")')


def test_evidence_hides_secrets_that_no_detector_saw_even_where_they_reach_beyond_its_lines() -> None:
    text = 'run("SELECT" + x, password="""first\nsecond\n""")\n'
    found = finding('run("SELECT" + x', text)
    (violation,) = judge(scanned(found, places=(snippet(text),))).violations
    assert "first" not in violation.evidence
    assert violation.evidence.startswith('run("SELECT" + x, password="""[masked: 13 chars, hmac ')


@pytest.mark.parametrize(
    ("text", "part", "evidence"),
    [
        ("1\n2\n3\n4\n5", "2\n3", "2\n3"),
        ("1\n2\n3\n4\n5\n6\n7", "2\n3\n4\n5\n6\n7", "2\n3\n4\n5\n6…"),
        ("  if a:\n      b()\n", "if a:\n      b()", "if a:\n    b()"),
        ("a" * 500, "a" * 500, "a" * 400 + "…"),
        ("a" * 1000 + "BAD" + "b" * 1000, "BAD", "…" + "a" * 80 + "BAD" + "b" * 317 + "…"),
        ("x\x1b[2J\u202e\r\ny", "x", "x\\x1b[2J\\u202e"),
        ("a\ud800b", "a", "a\\ud800b"),
    ],
)  # fmt: skip
def test_evidence_is_cut_where_it_is_long_and_says_so(text: str, part: str, evidence: str) -> None:
    (violation,) = judge(scanned(finding(part, text), places=(snippet(text),))).violations
    assert violation.evidence == evidence


def test_messages_and_advice_of_a_careless_detector_are_scrubbed() -> None:
    careless = finding(message="Hard-coded password: 'hunter2'\x1b[2J", fix='Not password="hunter2"')
    (violation,) = judge(scanned(careless)).violations
    assert "hunter2" not in violation.model_dump_json()
    assert "\x1b" not in violation.message


@pytest.mark.parametrize(
    ("fix", "recommendation"),
    [
        ("", "Use placeholders."),
        ("Pass user_id as a parameter", "Pass user_id as a parameter. Use placeholders."),
        ("Write `?`.", "Write `?`. Use placeholders."),
        ("use placeholders", "Use placeholders."),
    ],
)
def test_a_detectors_own_advice_comes_before_the_policys(fix: str, recommendation: str) -> None:
    own = Policy(
        id="p", title="P", category="c", severity=Severity.LOW, cwe=("CWE-89",), recommendation="Use placeholders."
    )
    (violation,) = judge(scanned(finding(fix=fix)), policies=(own,)).violations
    assert violation.recommendation == recommendation


@pytest.mark.parametrize(
    ("rule", "said", "shown"),
    [
        ("B608", ("CWE-89", "CWE-20"), ("CWE-89",)),
        ("B307", ("CWE-78",), ("CWE-95", "CWE-78")),
        ("B307", (), ("CWE-95",)),
    ],
)
def test_the_cwe_is_the_policys_where_the_detectors_does_not_fit(
    rule: str, said: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    (violation,) = judge(scanned(finding(rule=rule, cwe=said))).violations
    assert violation.cwe == shown


def test_violations_come_worst_first_then_by_policy_path_and_line_whatever_the_order_of_the_arguments() -> None:
    text = "\n".join(f"line{n}" for n in range(6))
    wanted = [("B608", 4), ("B608", 5), ("B602", 1), ("B602", 2), ("B104", 0), ("B311", 3)]
    cwes = {"B608": "CWE-89", "B602": "CWE-78", "B104": "CWE-605", "B311": "CWE-330"}
    found = [finding(f"line{n}", text, rule=rule, cwe=(cwes[rule],)) for rule, n in wanted]
    verdicts = set()
    for seed in range(5):
        shuffled, policies = list(found), list(POLICIES)
        random.Random(seed).shuffle(shuffled)
        random.Random(seed).shuffle(policies)
        verdict = judge(scanned(*shuffled, places=(snippet(text),)), policies=tuple(policies))
        verdicts.add(verdict.model_dump_json())
    assert len(verdicts) == 1
    assert [(v.policy, v.start_line) for v in verdict.violations] == [
        ("command-injection", 2), ("command-injection", 3), ("sql-injection", 5), ("sql-injection", 6),
        ("insecure-config", 1), ("weak-randomness", 4),
    ]  # fmt: skip
    assert verdict.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("found", "gaps", "outcome", "coverage"),
    [
        ((), (), "clean", "full"),
        ((scanned(),), (), "clean", "full"),
        ((scanned(),), (Gap(reason=GapReason.UNKNOWN_KIND, detail="-"),), "unknown", "partial"),
        ((), (Gap(reason=GapReason.UNKNOWN_KIND, detail="-"),), "unknown", "none"),
        ((scanned(),), (Gap(reason=GapReason.UNPARSABLE, detail="-", snippet=snippet().digest),), "unknown", "none"),
        ((scanned(),), (Gap(reason=GapReason.TRUNCATED, detail="-", snippet=snippet().digest),), "unknown", "partial"),
        (
            (scanned(finding()),),
            (Gap(reason=GapReason.TIMED_OUT, detail="-", snippet=snippet().digest),),
            "violations",
            "partial",
        ),
    ],
)
def test_a_gap_keeps_a_verdict_from_being_clean(
    found: tuple[Scanned, ...], gaps: tuple[Gap, ...], outcome: str, coverage: str
) -> None:
    verdict = judge(*found, gaps=gaps)
    assert (verdict.outcome, verdict.coverage, verdict.gaps) == (outcome, coverage, gaps)


def test_the_traces_own_gaps_count_once() -> None:
    own, other = (Gap(reason=GapReason.TRUNCATED, detail=detail) for detail in ("cut", "also cut"))
    for gaps in ((own, other), (other,)):
        assert judge(scanned(), trace=trace(gaps=(own,)), gaps=gaps).gaps == (own, other)


def test_a_verdicts_id_is_that_of_its_trace_on_its_platform() -> None:
    one = judge().id
    assert one == judge(scanned(finding())).id == "1ae610c0-9128-510f-b5cd-8461c8ec073f"
    assert one != judge(trace=Trace(platform="langfuse", id="t1", spans=())).id
    assert one != judge(trace=Trace(platform="local", id="t2", spans=())).id


def test_odd_traces_end_in_a_verdict_that_can_be_stored() -> None:
    odd = "\ud800\x00"
    spans = tuple(Span(id=odd, parent_id=odd, start=start, model=odd) for start in (datetime(2026, 1, 1), START))
    place = snippet(span=odd, pointer=odd, path=odd)
    beyond = finding(region=Region(start=10**6, end=10**7, start_line=10**5, end_line=10**6))
    verdict = judge(
        scanned(finding(message=odd, fix=odd), beyond, places=(place, snippet(span="gone"))),
        trace=Trace(platform="local", id=odd, spans=spans, name=odd, session_id=odd, url=odd, start=START),
        context=Context(developer=Fact(value=odd, source=odd)),
        gaps=(Gap(reason=GapReason.MALFORMED, detail=odd, path=odd),),
    )
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_ten_thousand_findings_on_one_line_end() -> None:
    text = "x = password + 'SELECT'\n" * 10_000
    found = [finding(region=Region(start=n, end=n + 1, start_line=1, end_line=1)) for n in range(0, 20_000, 2)]
    assert judge(scanned(*found, places=(snippet(text),))).violations


def test_the_setup_digest_follows_every_change_of_a_policy_and_no_order() -> None:
    one = setup_digest(POLICIES, "bandit@1")
    assert one == setup_digest(reversed(POLICIES), "bandit@1")
    assert one != setup_digest(POLICIES, "bandit@2")
    assert one != setup_digest(POLICIES[1:], "bandit@1")
    assert one != setup_digest([POLICIES[0].model_copy(update={"mode": Mode.OFF}), *POLICIES[1:]], "bandit@1")
