"""`tracevet policies try`: what a policy file would have flagged."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracevet.assembly import Assembly
from tracevet.cli.options import moment
from tracevet.cli.session import Request, vet_and_show
from tracevet.errors import UsageError
from tracevet.ledger import Ledger
from tracevet.model import Policy, PolicyPack, Report, Severity
from tracevet.plugin import Window
from tracevet.run import Progress
from tracevet.tally import Tally
from tracevet.trying import Regraded, tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Which policies to try on which traces, and how to show it."""

    pack: PolicyPack
    paths: tuple[str, ...]
    platform: str | None
    since: str
    format: str
    limit: int


def try_policies(assembly: Assembly, trial: Trial, ledger: str | None) -> int:
    """Print what the policies would have flagged, and give the exit code; nothing is written."""
    if trial.paths and trial.platform not in {None, "local"}:
        raise UsageError(f"paths go with the platform local, not with --platform {trial.platform}")
    since = moment(trial.since, "--since", datetime.now(UTC))
    only, url = tried(assembly, trial.pack), ledger or assembly.config.ledger.url
    if not trial.paths and not trial.platform and not any(policy.patterns for policy in only.policies):
        return _from_ledger(assembly, only.policies, trial, since, url)
    options = {"paths": trial.paths} if trial.paths else {}
    request = Request(
        platform=only.platform(trial.platform or "local", **options),
        window=Window(since),
        format=trial.format,
        policies=frozenset(),
        severity=Severity.LOW,
        fail_on=Severity.LOW,
        ledger=url,
        keep=False,
        again=True,
        limit=trial.limit,
    )
    return vet_and_show(only, request)


def _from_ledger(
    assembly: Assembly, policies: Sequence[Policy], trial: Trial, since: datetime | None, url: str | None
) -> int:
    """Grade anew what the ledger knows; its results stand under the engines of the policies that hold."""
    colour = {"color": sys.stdout.isatty(), "limit": trial.limit} if trial.format == "table" else {}
    reporter, tally = assembly.reporter(trial.format, **colour), Tally()
    with Ledger.open(url, write=False) as ledger:
        regraded = Regraded(ledger=ledger, policies=policies, engines=assembly.engines())
        verdicts = tuple(regraded.verdicts(since))
    for verdict in verdicts:
        tally.add(verdict)
    totals = tally.totals(Progress(traces=len(verdicts)))
    sys.stdout.buffer.write(reporter.render(Report(verdicts=verdicts, totals=totals)))
    sys.stdout.buffer.flush()
    print(_said(regraded), file=sys.stderr)
    return 1 if verdicts else 0


def _said(regraded: Regraded) -> str:
    """Say what was looked at, and what can't be answered."""
    forgotten = f"; the findings of {regraded.forgotten} violations are not kept any more" if regraded.forgotten else ""
    return (
        f"looked at {regraded.looked_at} verdicts in the ledger, where some policy found something{forgotten}; code "
        "that no policy flags today stands in none: give --platform NAME or PATH to read the traces again"
    )
