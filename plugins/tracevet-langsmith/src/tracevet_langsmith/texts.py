"""What people read on LangSmith, within its limits."""

from collections.abc import Sequence

from tracevet import Verdict, Violation
from tracevet.markdown import cut, policy_text
from tracevet.markdown import summary as summed_up

COMMENT = 4000  # characters of ours in one comment


def comment(violations: Sequence[Violation], *, cleared: str) -> str:
    """Tell the violations behind one policy tag."""
    return policy_text(violations, cleared=cleared, limit=COMMENT)


def summary(verdict: Verdict) -> str:
    """Sum a verdict up in a line."""
    return cut(summed_up(verdict), COMMENT)
