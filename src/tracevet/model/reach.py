"""Whether flagged code reached a repository, and where it stands there."""

from datetime import datetime
from enum import StrEnum

from tracevet.model.base import Frozen


class ReachState(StrEnum):
    """How far the code of a violation came."""

    HEAD = "in-head"  # it stands in the commit that is checked out
    BRANCH = "in-branch"  # it stands at the tip of another branch
    REMOVED = "removed"  # it was committed, and taken out again
    NEVER = "never"  # no commit that was looked at has it
    UNSURE = "unsure"  # too short to be told from other code


class Reach(Frozen):
    """Where the code of a violation stands in a repository, or stood last."""

    fingerprint: str  # Violation.fingerprint
    state: ReachState
    main: bool = False  # it stands in the main branch
    branch: str | None = None
    path: str | None = None  # in the repository
    line: int | None = None  # 1-based
    commit: str | None = None  # that brought it; of what was removed: that took it out
    at: datetime | None = None  # author date of the commit
