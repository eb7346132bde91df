"""What people said on the platform of what was found there."""

from datetime import datetime
from enum import StrEnum

from tracevet.model.base import Frozen


class Decision(StrEnum):
    """What a reviewer says of a violation."""

    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false-positive"
    ACCEPTED_RISK = "accepted-risk"


class Review(Frozen):
    """One judgement of a person on the platform.

    It is about every violation of the trace, unless `span` or `policy` narrow it. Of several judgements on the same
    thing the youngest counts.
    """

    id: str  # the platform's own
    trace: str  # trace id
    span: str | None = None  # span id; None: the trace as a whole
    policy: str | None = None  # Policy.id; None: whatever the policy
    decision: Decision
    author: str | None = None  # as the platform names the person
    comment: str = ""
    at: datetime  # when it was made or last changed, in UTC
