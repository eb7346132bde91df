"""Reports on a stretch of time: numbers, comparisons, patterns, and the stories of single violations."""

from tracevet.reporting.conversation import Masking
from tracevet.reporting.figures import Case, Day, Digest, Pattern, Row, Scope, Story, Utterance
from tracevet.reporting.gather import Teller, gather, summed
from tracevet.reporting.pseudonyms import PSEUDONYM, Pseudonyms

__all__ = [
    "PSEUDONYM",
    "Case",
    "Day",
    "Digest",
    "Masking",
    "Pattern",
    "Pseudonyms",
    "Row",
    "Scope",
    "Story",
    "Teller",
    "Utterance",
    "gather",
    "summed",
]
