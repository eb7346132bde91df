"""`tracevet report`: what happened in a stretch of time."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from tracevet.assembly import Assembly
    from tracevet.ledger import Ledger
    from tracevet.plugin import Platform
    from tracevet.reporting import Digest, Scope


def report(
    since: Annotated[str, typer.Option(metavar="WHEN", help="Traces that began at or after: 7d, 2026-08-20.")] = "30d",
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Traces that began before.")] = None,
    project: Annotated[str | None, typer.Option(metavar="NAME", help="Only this project.")] = None,
    developer: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only this developer: a pseudonym, or with --names a name.")
    ] = None,
    policy: Annotated[str | None, typer.Option(metavar="ID", help="Only violations of this policy.")] = None,
    assistant: Annotated[str | None, typer.Option(metavar="NAME", help="Only this assistant.")] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="table, html, json, csv or markdown.")
    ] = "table",
    names: Annotated[
        bool, typer.Option("--names", help="Show developers by their names; the audit log notes it.")
    ] = False,
    details: Annotated[
        int, typer.Option(min=0, metavar="N", help="How many violations the HTML file tells of in full.")
    ] = 100,
    no_conversations: Annotated[
        bool, typer.Option("--no-conversations", help="Read no trace again to show its conversation.")
    ] = False,
    traces: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Where local traces are; default: where your own assistants write."),
    ] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Sum up a stretch of time: trends, policies, projects, developers, assistants, and the violations."""
    import sys
    from datetime import UTC, datetime

    from tracevet.assembly import Assembly
    from tracevet.cli.options import moment
    from tracevet.ledger import Ledger
    from tracevet.reporting import Scope, gather

    now = datetime.now(UTC)
    assembly = Assembly.load(config)
    show = _format(assembly, format_)
    scope = Scope(
        made=now,
        since=moment(since, "--since", now),
        until=moment(until, "--until", now),
        project=project,
        developer=developer,
        policy=policy,
        assistant=assistant,
        names=names,
    )
    _require_pseudonym(scope)
    with Ledger.open(ledger or assembly.config.ledger.url, write=names) as kept:
        if names:
            _note(kept, scope, format_)
        digest = gather(kept, scope)
        if format_ == "html" and details:
            digest = _told(assembly, kept, digest, details, None if no_conversations else tuple(traces or ()))
    sys.stdout.buffer.write(show(digest))
    sys.stdout.buffer.flush()


def _format(assembly: "Assembly", name: str) -> "Callable[[Digest], bytes]":
    """Give what renders a digest.

    Raises:
        UsageError: no such format shows a digest.
    """
    import sys

    from tracevet.errors import UsageError
    from tracevet.reporting.showing import DigestReporter
    from tracevet.reporting.terminal import terminal

    if name == "table":
        return lambda digest: terminal(digest, color=sys.stdout.isatty())
    if name == "json":
        return lambda digest: digest.model_dump_json(indent=2).encode() + b"\n"
    fit = [known for known, each in assembly.registry.reporters.items() if issubclass(each.cls, DigestReporter)]
    if name not in fit:
        raise UsageError(
            f"no format named {name!r} shows a report; known: {', '.join(['table', 'json', *sorted(fit)])}"
        )
    reporter = assembly.reporter(name)
    assert isinstance(reporter, DigestReporter)  # noqa: S101 - for the type: it was looked up above
    return reporter.show


def _require_pseudonym(scope: "Scope") -> None:
    """See that a developer is not found out by asking for the name.

    Raises:
        UsageError: it is no pseudonym, and names are not to be shown.
    """
    from tracevet.errors import UsageError
    from tracevet.reporting import PSEUDONYM

    if scope.developer and not scope.names and not PSEUDONYM.fullmatch(scope.developer):
        raise UsageError(
            f"--developer {scope.developer!r} is no pseudonym such as dev-0123456789; "
            "a name goes with --names, which the audit log notes"
        )


def _note(ledger: "Ledger", scope: "Scope", form: str) -> None:
    """Note that names are shown, before they are."""
    from tracevet.ledger.audit import Action, Event, who

    asked = scope.model_dump(mode="json", exclude={"made", "names"}, exclude_none=True)
    ledger.audit.note(Event(action=Action.REVEAL, subject="report", actor=who(), details={"format": form, **asked}))


def _told(
    assembly: "Assembly", ledger: "Ledger", digest: "Digest", worst: int, traces: "tuple[Path, ...] | None"
) -> "Digest":
    """Add the stories of the worst violations; without `traces` no conversation is read."""
    from tracevet.reporting import Masking, Pseudonyms, Teller
    from tracevet.workers import Workers

    def opened(name: str) -> "Platform":
        options = {"paths": tuple(map(str, traces))} if name == "local" and traces else {}
        return assembly.platform(name, **options)

    limits = assembly.config.workers
    with Workers(processes=limits.processes, seconds=limits.seconds, memory_mb=limits.memory_mb) as workers:
        teller = Teller(
            ledger=ledger,
            opened=opened,
            masking=Masking(assembly.setup(ledger.key), ledger, workers),
            pseudonyms=Pseudonyms(ledger.key, reveal=digest.scope.names),
        )
        told = {one.fingerprint: one for one in teller.stories(digest, worst, conversations=traces is not None)}
    stories = tuple(told[case.violation.fingerprint] for case in digest.cases[:worst])
    return digest.model_copy(update={"stories": stories})
