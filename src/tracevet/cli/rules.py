"""`tracevet rules`: teach an assistant the policies that a project breaches most."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracevet.ledger import Ledger
    from tracevet.ledger.audit import AuditEntry
    from tracevet.model import Verdict


def rules(
    assistant: Annotated[str, typer.Option("--for", metavar="NAME", help="claude-code, codex, copilot or cursor.")],
    project: Annotated[str | None, typer.Option(metavar="NAME", help="Only this project's violations.")] = None,
    since: Annotated[str, typer.Option(metavar="WHEN", help="Violations from then on: 90d, 2026-08-20.")] = "90d",
    top: Annotated[int, typer.Option(min=1, max=30, metavar="N", help="How many policies.")] = 8,
    write: Annotated[bool, typer.Option("--write", help="Put them into the assistant's file.")] = False,
    directory: Annotated[Path, typer.Option(metavar="PATH", help="The project's directory.")] = Path(),
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Write short rules from the policies that are breached most, for an assistant's instructions file."""
    from datetime import UTC, datetime

    from tracevet.cli.ledger import opened
    from tracevet.cli.options import moment
    from tracevet.coaching import FILES, assistants, block, top_rules
    from tracevet.errors import UsageError

    if assistant not in FILES:
        raise UsageError(f"--for {assistant!r}: no instructions file is known for it; known: {assistants()}")
    begin = moment(since, "--since", datetime.now(UTC))
    with opened(config, ledger, write=write) as kept:
        found = top_rules(_verdicts(kept, begin, project), top)
        for line in _effects(kept, assistant, project):
            typer.echo(line, err=True)
        if not found:
            typer.echo("no violation in that time: there is nothing to teach", err=True)
            return
        if not write:
            typer.echo(block(found, project))
            return
        path = _write(directory, assistant, block(found, project))
        _note(kept, assistant, project, [rule.policy for rule in found])
    typer.echo(f"{path} teaches {len(found)} policies; the next `tracevet rules` tells whether they are breached less")


def _verdicts(ledger: "Ledger", since: "datetime | None", project: str | None) -> "Iterator[Verdict]":
    from tracevet.policy.fingerprint import project_name

    for verdict in ledger.verdicts(since=since):
        its = verdict.context.project
        if project is None or (its and project_name(its.value) == project_name(project)):
            yield verdict


def _write(directory: Path, assistant: str, text: str) -> Path:
    from tracevet.coaching import FILES, put
    from tracevet.errors import UsageError

    path = directory / FILES[assistant]
    try:
        old = path.read_text("utf-8") if path.exists() else ""
        new = put(old, text, assistant)
        path.parent.mkdir(parents=True, exist_ok=True)
        if new != old:
            path.write_text(new, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path} can't be written: {reason}; it was left as it is") from None
    return path


def _note(ledger: "Ledger", assistant: str, project: str | None, policies: list[str]) -> None:
    from tracevet.ledger.audit import Action, Event, who

    details = {"policies": list(policies), "project": project or ""}
    ledger.audit.note(Event(action=Action.TEACH, subject=assistant, actor=who(), details=details))


def _effects(ledger: "Ledger", assistant: str, project: str | None) -> "Iterator[str]":
    """Say how often what was taught last is breached since."""
    from datetime import timedelta

    from tracevet.coaching import effects

    last = _last(ledger, assistant, project)
    policies = last.details.get("policies") if last else None
    if not last or not isinstance(policies, list):
        return
    seen = _verdicts(ledger, last.at - timedelta(days=90), project)
    for effect in effects(seen, [str(policy) for policy in policies], last.at):
        before, after = effect.rates
        if before is not None and after is not None:
            yield f"{effect.policy}: {before:.1f} of 100 traces before {last.at:%Y-%m-%d}, {after:.1f} since"


def _last(ledger: "Ledger", assistant: str, project: str | None) -> "AuditEntry | None":
    from tracevet.ledger.audit import Action

    taught = (entry for entry in ledger.audit.entries(action=Action.TEACH) if entry.subject == assistant)
    mine = [entry for entry in taught if entry.details.get("project") == (project or "")]
    return mine[-1] if mine else None
