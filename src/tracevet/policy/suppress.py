"""Suppressions: violations that a team lives with for now; why, who answers for it, and until when."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from pydantic import Field, field_validator, model_validator

from tracevet.model import Status, Verdict, Violation
from tracevet.model.base import Frozen
from tracevet.model.policy import PolicyId
from tracevet.policy.fingerprint import project_name
from tracevet.policy.standing import concluded
from tracevet.policy.suppress_path import covers

LONGEST = timedelta(days=366)  # a year, leap years included


class Suppression(Frozen):
    """One decision to live with violations: with one fingerprint, or with a policy's in some files.

    By policy it is about a violation all of whose files the glob covers, in the project where one is named.
    """

    fingerprint: str | None = None
    policy: PolicyId | None = None
    path: str | None = Field(None, min_length=1, max_length=300)  # a glob
    project: str | None = Field(None, min_length=1, max_length=200)  # its name; of a path or URL the last part counts
    reason: str = Field(min_length=1, max_length=500)
    owner: str = Field(min_length=1, max_length=100)  # who answers for it
    expires: date  # from this day on, in UTC, the violations report again

    @field_validator("fingerprint")
    @classmethod
    def _whole(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[0-9a-f]{32}", value):
            raise ValueError("must be the 32 hexadecimal digits that a violation has as its fingerprint")
        return value

    @field_validator("reason", "owner", "path", "project")
    @classmethod
    def _said(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be blank")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_policy = self.policy is not None and self.path is not None
        if (self.fingerprint is None) is not by_policy or (self.fingerprint and (self.policy or self.path)):
            raise ValueError("names either a fingerprint, or a policy and a path")
        if self.fingerprint and self.project:
            raise ValueError("a fingerprint is of one project already; leave the project out")
        return self

    @property
    def id(self) -> str:
        """What it is about, in 12 hexadecimal digits; its reason, owner and end don't matter."""
        about = [self.fingerprint, self.policy, self.path, self.project and project_name(self.project)]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:12]

    @property
    def end(self) -> datetime:
        """The moment from which the violations report again."""
        return datetime.combine(self.expires, time(), UTC)

    def about(self) -> str:
        """Say what it is about, in words."""
        if self.fingerprint:
            return f"fingerprint {self.fingerprint}"
        return f"policy {self.policy} in {self.path}" + (f" of {self.project}" if self.project else "")

    def because(self) -> str:
        """Say why, and until when."""
        return f"{self.reason} (until {self.expires})"

    def concerns(self, violation: Violation) -> bool:
        """Tell whether it is about the violation; a file that the trace names by a way around counts as it is."""
        if self.fingerprint:
            return violation.fingerprint == self.fingerprint
        if violation.policy != self.policy or not self.path:
            return False
        if self.project and project_name(self.project) not in _projects(violation):
            return False
        paths = {place.path for place in violation.places if place.path} or {violation.path or ""}
        return all(covers(self.path, path) for path in paths)


@dataclass(frozen=True, slots=True)
class Suppressor:
    """Applies suppressions, however many there are."""

    suppressions: Sequence[Suppression]
    _by_fingerprint: Mapping[str, Sequence[Suppression]] = field(init=False)
    _by_policy: Mapping[str, Sequence[Suppression]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort them by what they name; the one that holds longest comes first."""
        longest = sorted(self.suppressions, key=lambda each: (each.expires, each.id), reverse=True)
        object.__setattr__(self, "_by_fingerprint", _grouped((each.fingerprint, each) for each in longest))
        object.__setattr__(self, "_by_policy", _grouped((each.policy, each) for each in longest))

    def find(self, violation: Violation) -> Suppression | None:
        """Give the one that holds the violation back for longest, if there is one."""
        named = self._by_fingerprint.get(violation.fingerprint, ())
        matching = (each for each in self._by_policy.get(violation.policy, ()) if each.concerns(violation))
        found = [*named[:1], *(each for each in [next(matching, None)] if each)]
        return max(found, key=lambda each: (each.expires, each.id), default=None)

    def apply(self, verdict: Verdict) -> Verdict:
        """Give the verdict with open violations suppressed, and those open that nothing suppresses any more."""
        parts = tuple(self._restated(violation) for violation in verdict.violations)
        if all(new is old for new, old in zip(parts, verdict.violations, strict=True)):
            return verdict
        return concluded(verdict, parts)

    def _restated(self, violation: Violation) -> Violation:
        if violation.status not in {Status.OPEN, Status.SUPPRESSED}:
            return violation
        found = self.find(violation)
        status, because = (Status.SUPPRESSED, found.because()) if found else (Status.OPEN, "")
        if (violation.status, violation.because) == (status, because):
            return violation
        return violation.model_copy(update={"status": status, "because": because})


def too_late(expires: date, today: date) -> str:
    """Say in a sentence why a suppression can't last so long; "" where it can."""
    if expires <= today + LONGEST:
        return ""
    return f"expires {expires} is more than a year ahead; {today + LONGEST} is the latest"


def _projects(violation: Violation) -> set[str]:
    return {project_name(name) for name in (violation.project, violation.repository) if name}


def _grouped(pairs: Iterable[tuple[str | None, Suppression]]) -> dict[str, list[Suppression]]:
    found: dict[str, list[Suppression]] = {}
    for name, each in pairs:
        if name is not None:
            found.setdefault(name, []).append(each)
    return found
