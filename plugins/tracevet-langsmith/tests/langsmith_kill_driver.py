"""One `watch --once` of the real plugin with a detector that finds a word; run as a process that may be killed."""

import sys
from datetime import UTC, datetime

from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers
from tracevet_langsmith import LangSmithPlatform, connection

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


def main(path: str) -> None:
    """Vet the hour's traces, write what they violate, and end with 0 when nothing is left to be done."""
    connection.FIRST_WAIT = 0.005
    with Ledger.open(path) as ledger, Workers(processes=1) as workers:
        setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
        platform = LangSmithPlatform()
        list(platform.prepare())
        watching = Watch(platform, setup, ledger, workers, around=Surroundings(clock=lambda: NOW))
        watching.once()
        counts = ledger.outbox_counts()
        sys.exit(3 if counts.due or counts.waiting else 0)


if __name__ == "__main__":
    main(sys.argv[1])
