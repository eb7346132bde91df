"""Parse every statement by itself, mend those that don't parse, and tell which can't be mended."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracevet_python.parse.attempts import Attempts, Failure
from tracevet_python.parse.ends import completions
from tracevet_python.parse.fixes import FIXES
from tracevet_python.parse.headers import alone
from tracevet_python.parse.lex import Statement, lex
from tracevet_python.parse.line import Line
from tracevet_python.parse.repair import Repair

_BATCH = 64  # statements that are parsed at a time
_MOST_BAD = 1000  # statements that do not parse; what follows them is left out unread


@dataclass(slots=True)
class Swept:
    """The statements that parse by themselves, by their index; the others are left out."""

    kept: dict[int, Statement] = field(default_factory=dict)
    blank: set[int] = field(default_factory=set)  # they hold no code of Python's, as a notebook's magics
    repairs: set[Repair] = field(default_factory=set)
    failure: Failure | None = None  # the first one


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on one text; apart, so that a text full of errors is still judged to its end."""

    checks: Attempts
    mending: Attempts


def sweep(statements: Sequence[Statement], budget: Budget) -> Swept:
    """Judge statements in their order, within `quiet`; work is bounded by the budget."""
    swept = Swept()
    texts = [alone(statement) for statement in statements]
    at, size, bad = 0, _BATCH, 0
    while at < len(statements) and bad < _MOST_BAD:
        batch = texts[at : at + size]
        failure = _failure("\n".join(batch), budget.checks)
        good = len(batch) if failure is None else _place(batch, failure)
        if failure is None or (good and _failure("\n".join(batch[:good]), budget.checks) is None):
            swept.kept.update((index, statements[index]) for index in range(at, at + good))
            at, size = at + good, min(2 * size, _BATCH) if failure is None else 1
        elif size > 1:  # the parser's line was of no use, or it is the first one
            size = 1
        else:
            swept.failure = swept.failure or failure
            _mend(statements, at, budget, swept)
            at, bad = at + 1, bad + 1
    return swept


def _place(texts: Sequence[str], failure: Failure) -> int:
    """The text in which an error's line is; the first one if there is no line."""
    line = failure.line or 0
    for place, text in enumerate(texts):
        line -= text.count("\n") + 1
        if line <= 0:
            return place
    return len(texts) - 1


def _mend(statements: Sequence[Statement], index: int, budget: Budget, swept: Swept) -> None:
    """Try what a statement that does not parse may have been."""
    statement = statements[index]
    first, cut = index == 0, index == len(statements) - 1
    for candidate, repairs in _candidates(statement, budget.mending, first=first, cut=cut):
        if candidate is None:
            swept.blank.add(index)
        elif _failure(alone(candidate), budget.mending) is None:
            swept.kept[index] = candidate
        else:
            continue
        swept.repairs |= repairs
        return


def _candidates(
    statement: Statement, attempts: Attempts, *, first: bool, cut: bool
) -> Iterator[tuple[Statement | None, frozenset[Repair]]]:
    """What the statement may have been, with the repairs made; None where nothing of it is Python's."""
    stages = [(statement, frozenset[Repair]())]
    for lines, repairs in _fixed(statement):
        again = _lex(lines, attempts)
        if not again:
            yield None, repairs
            return
        if len(again) == 1:
            stages.append((again[0], repairs))
            yield stages[-1]
        if attempts.spent:
            return
    for stage, repairs in stages[-1:] + stages[:1] * (len(stages) > 1):
        for completed in completions(stage, first=first, cut=cut):
            again = _lex(completed, attempts)
            if len(again) == 1:
                yield again[0], repairs | {Repair.CUT}
            if attempts.spent:
                return


def _fixed(statement: Statement) -> Iterator[tuple[tuple[Line, ...], frozenset[Repair]]]:
    """The statement with each fix by itself, then with all of them, one on top of the other."""
    nothing = frozenset[Repair]()
    for repair, fix in FIXES:
        fixed = fix(statement.lines)
        if fixed != statement.lines:
            yield fixed, nothing | {repair}
    lines, repairs = statement.lines, nothing
    for repair, fix in FIXES:
        fixed = fix(lines)
        if fixed != lines:
            lines, repairs = fixed, repairs | {repair}
            if len(repairs) > 1:
                yield lines, repairs


def _lex(lines: Sequence[Line], attempts: Attempts) -> list[Statement]:
    attempts.spend(sum(len(line.text) for line in lines))
    return lex(lines)


def _failure(source: str, attempts: Attempts) -> Failure | None:
    result = attempts.parse(source)
    return None if isinstance(result, ast.Module) else result
