"""What can be different about an emulated server: its delays, its rate limits, its house rules."""

from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Seconds until what was accepted can be read; `ends` counts for the end of a run beside `runs`.

    With `ends=math.inf` every run stays pending.
    """

    runs: float = 0.0
    ends: float = 0.0
    feedback: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests in ten seconds, for one workspace, where None is no limit; and bytes of an unpacked body."""

    v1_query: int | None = None
    v2_query: int | None = None  # windows of seven days and less
    v2_wide_query: int | None = None
    feedback: int | None = None
    payload: int = 20_971_520

    @classmethod
    def documented(cls) -> Self:
        """Take the limits that LangSmith's documentation names."""
        return cls(v1_query=15, v2_query=10, v2_wide_query=3, feedback=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a server allows, where deployments and plans differ or the documentation is silent."""

    admin: bool = True  # the keys may create feedback configs
    feedback_twice: Literal["refuse", "replace"] = "refuse"  # a second POST with an id that exists
    feedback_needs_project: bool | None = None  # run feedback without session_id; None: as the backend does
    long_traces: int | None = None  # traces that may be put into extended retention; None is no limit
    feedback_extends_always: bool = False  # all feedback counts as extending, whatever it asks for
    known_runs_only: bool = True  # 404 for feedback on a run that cannot be read
