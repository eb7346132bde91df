"""`tracevet suppressions`: list them, remove one, and see which the reviews propose."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from datetime import date

    from tracevet.ledger.opinions import Proposal
    from tracevet.ledger.suppressions import Kept
    from tracevet.policy import Suppression

app = typer.Typer(help="List, remove or propose suppressions.", invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def suppressions(
    context: typer.Context, config: ConfigPath = None, ledger: LedgerUrl = None, as_json: AsJson = False
) -> None:
    """List the suppressions: what they are about, until when, how much they hold back; the unused ones, too."""
    if context.invoked_subcommand:
        return
    from tracevet.assembly import suppression_files
    from tracevet.config import Config
    from tracevet.ledger import Ledger

    options = Config.load(config)
    files = suppression_files(options)
    with Ledger.open(ledger or options.ledger.url, write=False) as kept:
        for file in files:
            kept.suppressions.take(file)
        found = kept.suppressions.all()
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], indent=2))
        return
    for line in _lines(found):
        typer.echo(line)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="ID", help="Which, as the list shows it.")],
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Take it out of this file.")] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Remove a suppression; its violations report again."""
    from tracevet.cli.ledger import opened
    from tracevet.errors import UsageError

    if file is not None:
        _take_out(file, name)
        typer.echo(f"{name} is no more in {file}; its violations report again from the next scan or watch on")
        return
    with opened(config, ledger, write=True) as kept:
        sources = [one.source for one in kept.suppressions.all() if one.suppression.id == name]
        if not sources:
            raise UsageError(f"no suppression has the id {name!r}; `tracevet suppressions` lists them")
        files = [source for source in sources if Path(source).is_file()]
        if files:
            raise UsageError(f"{name} stands in {files[0]}; take it out there, as with --file")
        for source in sources:
            kept.suppressions.remove(name, source=source)
    typer.echo(f"{name} is removed; its violations report again")


@app.command()
def propose(
    expires: Annotated[
        str, typer.Option(metavar="DATE", help="When the proposed ones end: 2027-01-31, or 90d from now.")
    ] = "90d",
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print what reviews reject and nothing suppresses yet, as entries for the file of suppressions."""
    from datetime import UTC, datetime

    from tracevet.assembly import suppression_files
    from tracevet.cli.suppress import day
    from tracevet.config import Config
    from tracevet.errors import UsageError
    from tracevet.ledger import Ledger
    from tracevet.policy import Suppressor, too_late

    today = datetime.now(UTC).date()
    end = day(expires, "--expires", today)
    if problem := too_late(end, today):
        raise UsageError(f"--expires: {problem}")
    options = Config.load(config)
    listed = Suppressor([one for file in suppression_files(options) for one in file.suppress if one.expires > today])
    with Ledger.open(ledger or options.ledger.url, write=False) as kept:
        proposals = [one for one in kept.opinions.proposals() if listed.find(one.violation) is None]
    pairs = [(one, made) for one in proposals if (made := _suppression(one, end))]
    if as_json:
        typer.echo(json.dumps([made.model_dump(mode="json", exclude_none=True) for _, made in pairs], indent=2))
        return
    for one, made in pairs:
        for line in _entry(one, made):
            typer.echo(line)
    if not pairs:
        typer.echo("no proposal", err=True)


def _take_out(file: Path, name: str) -> None:
    from datetime import UTC, datetime

    from tracevet.cli.suppress import write_text
    from tracevet.errors import UsageError
    from tracevet.policy import read_suppressions
    from tracevet.policy.suppress_edit import removed

    read_suppressions(file, datetime.now(UTC).date())
    text = removed(file.read_text("utf-8-sig"), name)
    if text is None:
        raise UsageError(f"{file} has no suppression with the id {name!r}; `tracevet suppressions` lists them")
    write_text(file, text)


def _suppression(proposal: "Proposal", end: "date") -> "Suppression | None":
    """Make what a review proposes; None where the fingerprint is not one of ours."""
    from pydantic import ValidationError

    from tracevet.policy import Suppression

    said = " ".join(_plain(proposal.comment).split())
    reason = f"{proposal.decision.value}: {said}" if said else f"{proposal.decision.value}, as reviewed"
    owner = " ".join(_plain(proposal.author or "").split()) or "unknown"
    try:
        return Suppression(
            fingerprint=proposal.violation.fingerprint, reason=reason[:500], owner=owner[:100], expires=end
        )
    except ValidationError:
        return None


def _entry(proposal: "Proposal", made: "Suppression") -> Iterator[str]:
    from tracevet.policy.suppress_edit import as_toml

    violation = proposal.violation
    where = f"{violation.path}:{violation.start_line}" if violation.path else f"trace {violation.trace_id}"
    about = f"{violation.policy}, {violation.detector}:{violation.rule}, {where}, reviewed {proposal.at:%Y-%m-%d}"
    yield f"# {' '.join(_plain(about).split())}"
    yield as_toml(made)


def _row(one: "Kept") -> dict[str, object]:
    return {
        "id": one.suppression.id,
        **one.suppression.model_dump(mode="json"),
        "source": one.source,
        "expired": one.expired.isoformat() if one.expired else None,
        "violations": one.violations,
        "used": one.violations > 0,
    }


def _lines(found: "Sequence[Kept]") -> Iterator[str]:
    for one in found:
        each = one.suppression
        state = f"expired since {each.expires}" if one.expired else f"until {each.expires}"
        use = "" if one.expired else f", holds back {one.violations}" if one.violations else ", unused"
        yield _plain(f"{each.id}  {state}{use}: {each.about()}")
        yield _plain(f"    {each.reason} - {each.owner} ({one.source})")
    if not found:
        yield "no suppressions"


def _plain(text: str) -> str:
    from tracevet.builtin.table import plain

    return plain(text)
