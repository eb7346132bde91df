"""`tracevet ledger reviews`: what people said on the platforms of what was found."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from tracevet.ledger import Judgement

COMMENT = 60  # characters of a comment in the table


def reviews(
    by_rule: Annotated[
        bool, typer.Option("--by-rule", help="Sum up by rule: the share that people judge false.")
    ] = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the reviews, youngest first: the verdict, policy, decision, author, comment, and when."""
    from tracevet.config import Config
    from tracevet.ledger import Ledger

    if by_rule:
        _by_rule(config, ledger, as_json=as_json)
        return
    with Ledger.open(ledger or Config.load(config).ledger.url, write=False) as opened:
        for line in _json(opened.reviews.all()) if as_json else _table(opened.reviews.all()):
            typer.echo(line)


def _by_rule(config: Path | None, ledger: str | None, *, as_json: bool) -> None:
    from tracevet.config import Config
    from tracevet.ledger import Ledger

    settings = Config.load(config)
    limits = settings.suppressions
    with Ledger.open(ledger or settings.ledger.url, write=False) as opened:
        shares = opened.opinions.by_rule()
    noisy = {one.rule for one in shares if one.judged >= limits.noisy_least and one.share > limits.noisy_share}
    if as_json:
        rows = [{**asdict(one), "share": round(one.share, 3), "noisy": one.rule in noisy} for one in shares]
        typer.echo(json.dumps(rows, indent=2))
        return
    for one in shares:
        mark = f"  above {limits.noisy_share:.0%}: narrow the rule or leave it out" if one.rule in noisy else ""
        said = f"{one.false} of {one.judged} judged false, {one.accepted} accepted, {one.confirmed} confirmed"
        typer.echo(f"{_shown(one.rule, 60)}: {one.share:.0%} false; {said}{mark}")
    if not shares:
        typer.echo("no reviews")


def _json(found: "Iterable[Judgement]") -> Iterator[str]:
    yield "["
    comma = ""
    for one in found:
        yield f"{comma}{json.dumps(_row(one))}"
        comma = ","
    yield "]"


def _row(one: "Judgement") -> dict[str, object]:
    review = one.review
    return {
        "platform": one.platform,
        "id": review.id,
        "trace": review.trace,
        "span": review.span,
        "verdict": one.verdict,
        "policies": one.policies,
        "fingerprints": one.fingerprints,
        "decision": review.decision,
        "author": review.author,
        "comment": review.comment,
        "at": review.at.isoformat(),
        "withdrawn": one.withdrawn.isoformat() if one.withdrawn else None,
    }


def _table(found: "Iterable[Judgement]") -> Iterator[str]:
    empty = True
    for one in found:
        if empty:
            yield _line("when", "decision", "policy", "author", "trace", "verdict", "comment")
        empty = False
        review = one.review
        decision = f"{review.decision}{' (withdrawn)' if one.withdrawn else ''}"
        policies = ", ".join(one.policies) or review.policy or "-"
        yield _line(
            f"{review.at:%Y-%m-%d %H:%M}",
            decision,
            _shown(policies, 28),
            _shown(review.author or "-", 20),
            _shown(review.trace, 32),
            one.verdict or "-",
            _shown(review.comment, COMMENT),
        )
    if empty:
        yield "no reviews"


def _line(*cells: str) -> str:
    widths = (16, 15, 28, 20, 32, 36, 0)
    return " ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _shown(text: str, width: int) -> str:
    """Show a text of a stranger's on one line, and cut it."""
    from tracevet.policy import visible

    line = visible(" ".join(text.split()))
    return line if len(line) <= width else f"{line[: width - 1]}…"
