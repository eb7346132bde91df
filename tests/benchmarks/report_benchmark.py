"""How long a report on 10 000 violations takes, and how much memory: `python -m tests.benchmarks.report_benchmark`."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from ledger_parts import violation
from report_parts import GRADES, POLICIES, keep, turn

from tracevet.builtin.csv_report import CsvReporter
from tracevet.builtin.html_report import HtmlReporter
from tracevet.builtin.markdown_report import MarkdownReporter
from tracevet.ledger import Ledger
from tracevet.model import Verdict
from tracevet.reporting import Digest, Scope, Story, gather
from tracevet.reporting.terminal import terminal

VIOLATIONS = 10_000
CLEAN = 10  # turns without a violation for each with one
STORIES = 100


def verdicts() -> Iterator[Verdict]:
    """Make the turns of a large company."""
    for number in range(VIOLATIONS * (CLEAN + 1) // 2):
        found = [
            violation(
                f"{number:028x}{part:04x}",
                policy=POLICIES[(number + part) % 4],
                severity=GRADES[number // 2 % 4],
                path=f"/home/d{number % 90}/p{number % 70}/app{number}.py",
                evidence=f'q{number} = f"SELECT c{number % 50} FROM t{number} WHERE id = {{x}}"',
            )
            for part in range(2 if number % (CLEAN + 1) == 0 else 0)
        ]
        yield turn(f"t{number}", *found, day=number % 30, developer=f"d{number % 90}", project=f"p{number % 70}")


def main() -> None:
    """Measure, and print what came out."""
    with tempfile.TemporaryDirectory() as place, Ledger.open(str(Path(place) / "ledger.db")) as ledger:
        keep(ledger, verdicts())
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        digest = gather(ledger, Scope())
        print(f"gather: {time.perf_counter() - start:.1f} s, {digest.traces} traces, {len(digest.cases)} violations")
        stories = tuple(Story(fingerprint=case.violation.fingerprint) for case in digest.cases[:STORIES])
        told = digest.model_copy(update={"stories": stories})
        shows: dict[str, Callable[[Digest], bytes]] = {
            "html": HtmlReporter().show,
            "csv": CsvReporter().show,
            "markdown": MarkdownReporter().show,
            "json": lambda one: one.model_dump_json().encode(),
            "table": lambda one: terminal(one, color=False),
        }
        for name, show in shows.items():
            start = time.perf_counter()
            size = len(show(told))
            print(f"{name}: {time.perf_counter() - start:.1f} s, {size / 1e6:.1f} MB")
        ended = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"memory: {ended / 1024:.0f} MB at most, {begun / 1024:.0f} MB before")


if __name__ == "__main__":
    main()
