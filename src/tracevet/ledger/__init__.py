"""The memory: what was vetted, the verdicts, what is still to be written back, and bookmarks."""

from tracevet.ledger.records import Entry, Failure, LedgerStats, OutboxCounts, OutboxItem, PruneCounts
from tracevet.ledger.reviews import Judgement
from tracevet.ledger.store import Ledger
from tracevet.ledger.suppressions import Kept

__all__ = [
    "Entry",
    "Failure",
    "Judgement",
    "Kept",
    "Ledger",
    "LedgerStats",
    "OutboxCounts",
    "OutboxItem",
    "PruneCounts",
]
