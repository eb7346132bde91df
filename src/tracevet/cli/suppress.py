"""`tracevet suppress`: live with violations for now, in a file that is reviewed or in the ledger."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from datetime import date

    from tracevet.policy import Suppression


def suppress(
    fingerprint: Annotated[
        str | None, typer.Argument(metavar="[FINGERPRINT]", help="Which violation; or name --policy and --path.")
    ] = None,
    policy: Annotated[str | None, typer.Option(metavar="ID", help="Violations of this policy, with --path.")] = None,
    path: Annotated[str | None, typer.Option(metavar="GLOB", help="Only in these files: 'tests/**'.")] = None,
    project: Annotated[str | None, typer.Option(metavar="NAME", help="Only in this project.")] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")] = "",
    owner: Annotated[str, typer.Option(metavar="WHO", help="Who answers for it.")] = "",
    expires: Annotated[
        str, typer.Option(metavar="DATE", help="From this day on it reports again: 2027-01-31, or 90d from now.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Put it into this file; default: into the ledger.")
    ] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Hold violations back until a day; they are kept and shown, and count no more."""
    asked = {
        "fingerprint": fingerprint,
        "policy": policy,
        "path": path,
        "project": project,
        "reason": reason,
        "owner": owner,
    }
    suppression = _checked(asked, expires)
    if file is not None:
        _put(file, suppression)
        typer.echo(f"{suppression.id}: {suppression.about()} until {suppression.expires} in {file}")
        typer.echo("the next scan or watch that reads the file carries it out", err=True)
        return
    from tracevet.cli.ledger import opened

    if policy is not None:
        _require_policy(config, policy)
    with opened(config, ledger, write=True) as kept:
        changed = kept.suppressions.add(suppression)
    typer.echo(f"{suppression.id}: {suppression.about()} until {suppression.expires}; {changed} verdicts changed")


def day(text: str, option: str, today: "date") -> "date":
    """Read a day: a date, or so many days or weeks from now.

    Raises:
        UsageError: it is neither, or no day yet to come.
    """
    import re
    from datetime import date, timedelta

    from tracevet.errors import UsageError

    ahead = re.fullmatch(r"(\d{1,4})([dw])", text)
    if ahead:
        return today + timedelta(days=int(ahead[1]) * (7 if ahead[2] == "w" else 1))
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is neither a date such as 2027-01-31 nor a time from now such as 90d"
        ) from None
    if found <= today:
        raise UsageError(f"{option} {text} is over; name a day to come")
    return found


def write_text(path: Path, text: str) -> None:
    """Write a file whole, or leave it as it was."""
    from tracevet.errors import UsageError

    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path.resolve())
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} can't be written: {error.strerror}") from None


def _checked(asked: dict[str, str | None], expires: str) -> "Suppression":
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from tracevet.errors import UsageError
    from tracevet.policy import Suppression, too_late

    for name in ("reason", "owner"):
        if not (asked[name] or "").strip():
            raise UsageError(f"--{name} is missing: nothing is suppressed without one")
    if not expires:
        raise UsageError("--expires is missing: nothing is suppressed for ever; a year is the most")
    today = datetime.now(UTC).date()
    until = day(expires, "--expires", today)
    if problem := too_late(until, today):
        raise UsageError(f"--expires: {problem}")
    try:
        return Suppression.model_validate({**asked, "expires": until})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        about = "".join(f"{step}: " for step in first["loc"])
        raise UsageError(f"{about}{first['msg'].removeprefix('Value error, ')}") from None


def _put(path: Path, suppression: "Suppression") -> None:
    """Add it to a file, which is made where there is none; a file that is wrong already is left as it is."""
    from datetime import UTC, datetime

    from tracevet.policy import read_suppressions
    from tracevet.policy.suppress_edit import added

    text = ""
    if os.path.lexists(path):
        read_suppressions(path, datetime.now(UTC).date())
        text = path.read_text("utf-8-sig")
    write_text(path, added(text, suppression))


def _require_policy(config: Path | None, policy: str) -> None:
    """Refuse an id that no policy has; in a file it may be one of somebody else's pack."""
    from tracevet.assembly import Assembly
    from tracevet.errors import UsageError

    known = sorted(one.id for one in Assembly.load(config).policies)
    if policy not in known:
        raise UsageError(f"no policy named {policy!r} is on; known: {', '.join(known)}")
