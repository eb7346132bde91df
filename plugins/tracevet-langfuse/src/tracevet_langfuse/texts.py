"""What people read on Langfuse, within its limits."""

from collections.abc import Sequence

from tracevet import Verdict, Violation
from tracevet.markdown import cut, policy_text, told_reach, violation_text
from tracevet.markdown import summary as summed_up

__all__ = ["COMMENT", "MARK", "SCORE_COMMENT", "comment", "marker", "score_comment", "summary", "told_reach"]

COMMENT = 5000  # characters that Langfuse takes in a comment
SCORE_COMMENT = 2000  # characters of ours in a score's comment
MARK = "tracevet"


def marker(identity: str) -> str:
    """Give the line by which a comment of ours is known again; Markdown does not show it."""
    return f"<!-- {MARK}:{identity} -->"


def comment(violation: Violation, identity: str) -> str:
    """Tell one violation whole, below its mark."""
    return violation_text(violation, head=[marker(identity)], limit=COMMENT)


def score_comment(violations: Sequence[Violation], *, cleared: str) -> str:
    """Tell the violations behind one policy tag."""
    return policy_text(violations, cleared=cleared, limit=SCORE_COMMENT)


def summary(verdict: Verdict) -> str:
    """Sum a verdict up in a line."""
    return cut(summed_up(verdict), SCORE_COMMENT)
