"""Processes that work on one ledger and one emulated Langfuse at once, and note what they scan."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet import Finding, Gap, Snippet, Window
from tracevet.cli.outgoing import Outgoing
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.run import Run
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
SCANS = "TRACEVET_TEST_SCANS"  # file to which every scanned text is added


class Noting(Marks):
    """Finds what `Marks` finds, and adds each text that it scans to a file."""

    name = "noting"

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Note the texts in whole lines, which processes add without mixing them."""
        file = os.open(os.environ[SCANS], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, "".join(f"{snippet.text}\n" for snippet in snippets).encode())
        os.close(file)
        return super().scan(snippets)


def setup(ledger: Ledger) -> Setup:
    return Setup(extractors=(Inputs(),), engines=(Engine(cls=Noting),), policies=(POLICY,), key=ledger.key)


def main(role: str, url: str) -> None:
    """Watch once, or scan once; end with 0 when nothing is left to be written."""
    from tracevet_langfuse import LangfusePlatform, connection

    connection.FIRST_WAIT = 0.005
    with Ledger.open(url) as ledger, Workers(processes=1) as workers:
        platform = LangfusePlatform()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        if role == "watch":
            around = Surroundings(clock=lambda: NOW)
            Watch(platform, setup(ledger), ledger, workers, since=START, around=around).once()
        else:
            outgoing = Outgoing(platform, ledger, keep=True, write=True)
            for _ in outgoing.along(Run(platform, setup(ledger), ledger, workers).verdicts(Window(START, NOW))):
                pass
            outgoing.finish()
        counts = ledger.outbox_counts()
        sys.exit(3 if counts.due or counts.waiting else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
