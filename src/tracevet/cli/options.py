"""Options that several verbs share."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tracevet.errors import UsageError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class FailOn(StrEnum):
    """From which severity on a run fails."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"


class Grade(StrEnum):
    """A severity, as an option's value."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


ConfigPath = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration; default: ./tracevet.toml.")
]
LedgerUrl = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="PATH|URL",
        envvar="TRACEVET_LEDGER",
        help="Where verdicts are kept; default: a file in the user's data directory.",
    ),
]
WriteKinds = Annotated[
    str | None,
    typer.Option(
        "--write",
        metavar="KINDS|none",
        help="What is written back, by commas; the platform says what it can. none: it stays queued in the ledger.",
    ),
]
RequestsPerMinute = Annotated[
    float | None,
    typer.Option(
        "--requests-per-minute",
        min=0,
        metavar="N",
        help="Budget for the platform, shared by all processes on this ledger and kept there; 0: no limit.",
    ),
]
Format = Annotated[
    str,
    typer.Option("--format", metavar="NAME", help="How to print: table, json, jsonl, sarif, ocsf, or a plugin's."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def kinds(text: str | None) -> tuple[bool, dict[str, object]]:
    """Read --write: whether anything is written, and the options that it means for the platform."""
    named = tuple(filter(None, (text or "").split(",")))
    return (text is None or named not in ((), ("none",))), ({} if named in ((), ("none",)) else {"write": named})


def moment(text: str | None, option: str, now: datetime) -> datetime | None:
    """Read an age such as 7d, 24h or 90m, or an ISO date, as a time in UTC.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    age = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if age:
        return now - timedelta(**{UNITS[age[2]]: int(age[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is neither an age such as 90m, 24h, 7d or 2w nor a date such as 2026-08-20"
        ) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
