"""A rule of the organisation, as data."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from tracevet.model.base import Frozen
from tracevet.model.finding import Confidence, Severity
from tracevet.model.pattern import Pattern
from tracevet.model.trace import Surface

PolicyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,26}[a-z0-9])?$")]
Cwe = Annotated[str, StringConstraints(pattern=r"^CWE-[1-9][0-9]{0,4}$")]
RuleRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Za-z0-9._*-]+$")]


class Mode(StrEnum):
    """What a breach may lead to."""

    ENFORCE = "enforce"  # may block, where something can block
    MONITOR = "monitor"  # is recorded and shown
    OFF = "off"  # is not looked for


class Policy(Frozen):
    """A rule of the organisation: which findings breach it, how bad that is, and what to do instead.

    A finding breaches the policy when its rule is named in `rules`, or when one of its CWEs is in `cwe`
    and its rule is not named in `except_rules`; and when its surface, language and confidence fit. So does what
    its own `patterns` find.
    """

    id: PolicyId  # at most 28 characters: room for a prefix in the platforms' limits on names
    title: str = Field(min_length=1, max_length=80)
    category: str = Field(min_length=1, max_length=40)
    severity: Severity
    cwe: tuple[Cwe, ...] = ()
    rules: tuple[RuleRef, ...] = ()  # "bandit:B608"; a final * matches any rest
    except_rules: tuple[RuleRef, ...] = ()
    patterns: tuple[Pattern, ...] = Field((), max_length=200)
    surfaces: tuple[Surface, ...] = (Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND)
    languages: tuple[str, ...] = ()  # empty: every language
    min_confidence: Confidence = Confidence.LOW
    refuted: bool = False  # findings that another detector proves harmless breach it too, with low confidence
    mode: Mode = Mode.MONITOR
    recommendation: str = Field(min_length=1)
    references: tuple[str, ...] = ()


class PolicyPack(Frozen):
    """Policies that come together, from one file or plugin."""

    name: str = Field(min_length=1)
    policies: tuple[Policy, ...]
    source: str = ""  # the file or plugin it came from, for messages
