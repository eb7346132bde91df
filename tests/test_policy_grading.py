"""Where code counts for less: tests and examples, demos, and what the assistant shows as a bad example."""

from typing import Any

import pytest

from tracevet import (
    Confidence,
    Context,
    Fact,
    Finding,
    Policy,
    Region,
    Severity,
    Snippet,
    Surface,
    Trace,
    Violation,
)
from tracevet.policy import Scanned, decide
from tracevet.policy.grading import BAD_EXAMPLE, DEMO, TESTS

CODE = "db.run(sql + name)"
POLICY = Policy(id="p", title="P", category="c", severity=Severity.HIGH, cwe=("CWE-89",), recommendation="R.")
FENCE = "```python\n"


def place(text: str, surface: Surface = Surface.APPLIED, **fields: Any) -> Snippet:
    base: dict[str, Any] = {"language": "python", "span": "s", "pointer": "/output"}
    return Snippet(text=text, surface=surface, **(base | fields))


def judge(*places: Snippet, said: str = "", directory: str | None = None) -> Violation:
    text = places[0].text
    start = text.index(CODE)
    found = Finding(
        snippet="",
        detector="d",
        rule="r",
        message="m",
        cwe=("CWE-89",),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        region=Region.of(text, start, start + len(CODE)),
    )
    scanned = [Scanned(snippet=places[0], places=places, findings=(found,))]
    if said:
        whole = place(said, Surface.SUGGESTED, language="text")
        scanned.append(Scanned(snippet=whole, places=(whole,)))
    where = Context(directory=Fact(value=directory, source="cwd") if directory else None)
    verdict = decide(Trace(platform="local", id="t", spans=()), where, scanned, [POLICY], key=b"k")
    (violation,) = verdict.violations
    return violation


def suggested(before: str, code: str = f"{CODE}\n", after: str = "```\n") -> Violation:
    said = before + FENCE + code + after
    return judge(place(code, Surface.SUGGESTED, offset=len(before + FENCE)), said=said)


@pytest.mark.parametrize(
    ("path", "graded"),
    [
        ("tests/test_db.py", True),
        ("app/tests/helpers.py", True),
        ("src/__tests__/db.js", True),
        ("examples/demo.py", True),
        ("pkg/db_test.go", True),
        ("src/db.spec.ts", True),
        ("src/test/java/DbTests.java", True),
        ("conftest.py", True),
        (r"app\tests\db.py", True),
        ("/srv/shop/tests/db.py", True),
        ("/home/me/examples/shop/src/app/db.py", False),
        ("/srv/tests/shop/src/app/core/db.py", False),
        ("app/db.py", False),
        ("app/contest.py", False),
        ("latest/db.py", False),
        ("app/protests/db.py", False),
        ("app/testing_tools.py", False),
    ],
)
def test_a_directory_of_tests_or_examples_costs_a_step_of_severity(path: str, graded: bool) -> None:
    violation = judge(place(f"{CODE}\n", path=path))
    assert violation.grading == ((TESTS,) if graded else ())
    assert violation.severity is (Severity.MEDIUM if graded else Severity.HIGH)
    assert violation.confidence is Confidence.HIGH


def test_a_project_that_lies_in_a_directory_of_examples_is_not_one() -> None:
    inside = place(f"{CODE}\n", path="/srv/examples/shop/db.py")
    assert judge(inside).grading == (TESTS,)
    assert judge(inside, directory="/srv/examples/shop").grading == ()


def test_code_that_stands_elsewhere_too_counts_in_full() -> None:
    both = [place(f"{CODE}\n", path=path) for path in ("tests/a.py", "app/a.py")]
    assert judge(*both).grading == ()
    assert judge(both[0], place(f"{CODE}\n", path="examples/a.py", span="t")).grading == (TESTS,)


@pytest.mark.parametrize(
    ("code", "graded"),
    [
        (f"if __name__ == '__main__':\n    {CODE}\n", True),
        (f'def f():\n    pass\n\nif __name__ == "__main__":  # demo\n\n    if x:\n        {CODE}\n# end\n', True),
        (f"{CODE}\nif __name__ == '__main__':\n    f()\n", False),
        (f"if __name__ == '__main__':\n    f()\n{CODE}\n", False),
        (f"if name == '__main__':\n    {CODE}\n", False),
        (f"    if __name__ == '__main__':\n        {CODE}\n", False),
    ],
)
def test_a_demo_costs_a_step_of_severity(code: str, graded: bool) -> None:
    assert judge(place(code)).grading == ((DEMO,) if graded else ())


@pytest.mark.parametrize(
    ("before", "graded"),
    [
        ("Don't do this:\n\n", True),
        ("**Vulnerable version:**\n\n", True),
        ("### ❌ Bad\n\n", True),
        ("BAD:\n", True),
        ("Here is how not to write it.\n", True),
        ("This code is vulnerable to SQL injection:\n", True),
        ("Never use string concatenation:\n", True),
        ("Here is the function:\n", False),
        ("Vulnerable version:\n\nFixed version:\n", False),
        ("✅ Good:\n", False),
        ("Here is the fix for the vulnerable code:\n", False),
        ("Vulnerable version:\n```python\nbad()\n```\n\nAnd then:\n", False),
        ("Vulnerable version:\n" + "\nAnd more.\n" * 20, False),
        ("", False),
    ],
)
def test_words_before_a_block_can_make_it_a_bad_example(before: str, graded: bool) -> None:
    violation = suggested(before)
    assert violation.grading == ((BAD_EXAMPLE,) if graded else ())
    assert violation.severity is (Severity.MEDIUM if graded else Severity.HIGH)


@pytest.mark.parametrize(
    ("code", "graded"),
    [
        (f"# BAD: string building\n{CODE}\n", True),
        (f"# vulnerable code\ndef f(name):\n    {CODE}\n", True),
        (f"// Don't do this\n{CODE}\n", True),
        (f"# bad: {CODE!r}\na()\n# GOOD:\n{CODE}\n", False),
        (f"{CODE}\n# BAD\n", False),
        (f"# a comment\n{CODE}\n", False),
    ],
)
def test_a_comment_above_can_make_it_a_bad_example(code: str, graded: bool) -> None:
    text = code.replace(repr(CODE), "x")
    assert suggested("So:\n", text).grading == ((BAD_EXAMPLE,) if graded else ())


@pytest.mark.parametrize("surface", [Surface.APPLIED, Surface.COMMAND])
def test_what_was_written_or_run_is_not_talked_down(surface: Surface) -> None:
    said = f"Vulnerable version, don't do this:\n{FENCE}# BAD\n{CODE}\n```\n"
    code = f"# BAD: vulnerable code, never use it\n{CODE}\n"
    shown = place(code, Surface.SUGGESTED, offset=said.index("# BAD"))
    done = place(code, surface, pointer="/input", path="app/db.py")
    assert judge(shown, said=said).grading == (BAD_EXAMPLE,)
    assert judge(done, said=said).grading == ()
    assert judge(done, shown, said=said).grading == ()


def test_a_lowest_severity_stays() -> None:
    low = POLICY.model_copy(update={"severity": Severity.LOW})
    text = f"{CODE}\n"
    found = Finding(
        snippet="", detector="d", rule="r", message="m", cwe=("CWE-89",), severity=Severity.HIGH,
        confidence=Confidence.HIGH, region=Region.whole(text),
    )  # fmt: skip
    here = place(text, path="tests/a.py")
    scanned = [Scanned(snippet=here, places=(here,), findings=(found,))]
    verdict = decide(Trace(platform="local", id="t", spans=()), Context(), scanned, [low], key=b"k")
    assert (verdict.severity, verdict.violations[0].grading) == (Severity.LOW, (TESTS,))
