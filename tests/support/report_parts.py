"""Ledgers with made-up weeks in them, and what is hostile in a trace."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from ledger_parts import entry, violation
from ledger_parts import verdict as plain_verdict
from odd_detectors import Marks

from tracevet.ledger import Ledger
from tracevet.model import (
    Context,
    Fact,
    Finding,
    Gap,
    GapReason,
    Place,
    Severity,
    Snippet,
    Status,
    Surface,
    Verdict,
    Violation,
)

START = datetime(2026, 8, 3, 9, tzinfo=UTC)
NOW = START + timedelta(days=30)
GRADES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
POLICIES = ("sql-injection", "xss", "weak-crypto", "hardcoded-secrets")
HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg/onload=window.hacked=1>',
    "{{ 7*7 }}{% for x in y %}",
    "javascript:window.hacked=1",
    "\u202egnp.exe\u2066 \u200b\ufeff",
    '=HYPERLINK("https://evil.example")',
    "| a | [b](https://evil.example) ![c](https://evil.example/c.png) `d` <b>e</b> @everyone",
    "$\\frac{1}{0$ \x00 \x1b[31m",
    "名前 имя اسم 👩‍💻 ß",
    "x" * 1_000_000,
)


class Hides(Marks):
    """Finds the word plum in Python, and wants it masked."""

    name = "hides"

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Yield a finding for the first place of the word."""
        for one in Marks("plum").scan(snippets):
            yield one.model_copy(update={"masks": (one.region,)}) if isinstance(one, Finding) else one


def turn(
    name: str,
    *found: Violation,
    day: int = 0,
    developer: str | None = "ada@example.com",
    project: str | None = "shop",
    assistant: str | None = "claude-code",
    model: str | None = "sonnet",
    code: int | None = 1,
    **changes: object,
) -> Verdict:
    """Make the verdict of a trace, its violations of the same people and things."""
    said = {"developer": developer, "project": project, "assistant": assistant, "model": model}
    facts = {key: Fact(value=value, source="test") for key, value in said.items() if value is not None}
    mine = tuple(one.model_copy(update={**said, "trace_id": name}) for one in found)
    verdict = plain_verdict(name, *mine, start=START + timedelta(days=day), context=Context(**facts), code=code)
    reference = verdict.trace.model_copy(update={"platform": "local", "end": verdict.trace.start})
    return verdict.model_copy(update={"trace": reference, **changes})


def keep(ledger: Ledger, verdicts: Iterable[Verdict]) -> None:
    """Commit verdicts, a few hundred at a time."""
    some: list[Verdict] = []
    for one in verdicts:
        some.append(one)
        if len(some) == 500:
            ledger.commit([entry(each, write=False) for each in some])
            some = []
    ledger.commit([entry(each, write=False) for each in some])


def week(number: int = 40) -> Iterator[Verdict]:
    """Make turns of several people and projects, every other one with violations."""
    for index in range(number):
        found = [
            violation(
                f"{index:028x}{part:04x}",
                policy=POLICIES[(index + part) % 4],
                title=POLICIES[(index + part) % 4].title(),
                severity=GRADES[(index // 2 + part) % 4],
                status=Status.CORRECTED if index % 8 == 0 else Status.OPEN,
                path=f"/home/ada/{'shop' if index % 3 else 'till'}/app{index}.py",
                evidence=f'query{index} = f"SELECT * FROM t{index} WHERE id = {{user_{index}}}"',
            )
            for part in range(2 if index % 2 == 0 else 0)
        ]
        gaps = (Gap(reason=GapReason.NO_DETECTOR, detail="no loaded detector reads dart"),) if index % 5 == 0 else ()
        yield turn(
            f"t{index}",
            *found,
            day=index % 7,
            developer=("ada@example.com", "Grace Hopper", None)[index % 3],
            project="shop" if index % 3 else "till",
            assistant=("claude-code", "cursor")[index // 2 % 2],
            model=("sonnet", "gpt")[index // 2 % 2],
            gaps=gaps,
        )


def hostile() -> Iterator[Verdict]:
    """Make turns in which every text that a trace may choose is hostile."""
    for index, text in enumerate(HOSTILE):
        place = Place(span=text, pointer=text, surface=Surface.APPLIED, path=text, start_line=1, end_line=1)
        names = ("title", "message", "recommendation", "rule", "path", "url", "repository", "branch", "session")
        bad = violation(
            f"{index:032x}", places=(place,), evidence=text, references=(text, f"https://example.com/{index}")
        ).model_copy(update=dict.fromkeys(names, text))
        yield turn(f"h{index}", bad, developer=text, project=text, assistant=text, model=text, day=index)
