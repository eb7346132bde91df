"""`tracevet reach`: did flagged code reach the repository."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from datetime import datetime

    from tracevet.ledger import Ledger
    from tracevet.model import Reach, Violation
    from tracevet.repository import Repository


def reach(
    repo: Annotated[Path, typer.Option(metavar="PATH", help="A clone of the repository.")] = Path(),
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="Violations and commits from then on: 90d, 2026-08-20.")
    ] = "90d",
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="The project that it is; default: by its remotes and its name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, and keep nothing in the ledger.")] = False,
    as_json: AsJson = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Tell for each open violation whether its code stands in the repository, did once, or never."""
    import json
    from datetime import UTC, datetime

    from tracevet.cli.ledger import opened
    from tracevet.cli.options import moment
    from tracevet.repository import Needle, Repository
    from tracevet.repository import reach as search

    begin = moment(since, "--since", datetime.now(UTC))
    repository = Repository(repo)
    with opened(config, ledger, write=not dry_run) as kept:
        violations = _violations(kept, repository, begin, project)
        needles = [Needle.of(one.fingerprint, one.evidence, language=one.language, path=one.path) for one in violations]
        found = search(repository, needles, since=begin)
        news = 0 if dry_run else kept.reaches.keep(found.reaches)
    for note in found.notes:
        typer.echo(note, err=True)
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found.reaches], indent=2))
    else:
        for line in _lines(violations, found.reaches):
            typer.echo(line)
    typer.echo(f"{len(violations)} open violations looked for in {found.files} files; {news} news", err=True)


def _violations(
    ledger: "Ledger", repository: "Repository", since: "datetime | None", project: str | None
) -> "list[Violation]":
    """Give the project's open violations, each fingerprint once, worst first.

    Raises:
        UsageError: the ledger has none of this project, but of others; they are listed.
    """
    from tracevet.errors import UsageError
    from tracevet.model import Status
    from tracevet.policy.fingerprint import project_name

    wanted = {project_name(project)} if project else repository.names()
    mine: dict[str, Violation] = {}
    others: set[str] = set()
    for verdict in ledger.verdicts(since=since):
        for violation in verdict.violations:
            names = {project_name(name) for name in (violation.project, violation.repository) if name}
            if violation.status is Status.OPEN and names & wanted:
                mine.setdefault(violation.fingerprint, violation)
            others |= names
    if not mine and others - wanted:
        known = ", ".join(sorted(others)[:20])
        raise UsageError(
            f"no open violation is of {' or '.join(sorted(wanted))}; name the project with --project; known: {known}"
        )
    return sorted(mine.values(), key=lambda one: -one.severity.rank)


def _lines(violations: "Sequence[Violation]", reaches: "Iterable[Reach]") -> Iterator[str]:
    from tracevet.builtin.table import plain

    for violation, found in zip(violations, reaches, strict=True):
        where = f" {found.path}:{found.line}" if found.path else ""
        branch = f" of {found.branch}" if found.branch else " of the main branch" if found.main else ""
        commit = f" by {found.commit[:12]}, {found.at:%Y-%m-%d}" if found.commit and found.at else ""
        yield plain(f"{found.state:10} {violation.severity:8} {violation.policy}{where}{branch}{commit}")
