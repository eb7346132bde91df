"""How well tracevet tells weak code from safe code, beside bandit and ruff alone: `python -m tests.corpus.report`.

Options: `--json` for one JSON object, `--wrong` for every miss and false alarm of tracevet that is not held out.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator

from tests.corpus.engines import ENGINES, families
from tests.corpus.load import Clean, Pair, clean, pairs
from tests.corpus.score import Judged, Score, judge

Keep = Callable[[Pair | Clean], bool]
_HEADS = ("precision", "recall", "f1", "fpr", "recall_any", "on_the_line", "safe_flagged", "weak", "safe")


def judged(names: tuple[str, ...] = tuple(ENGINES)) -> dict[str, Judged]:
    """Let the engines of these names look at the corpus."""
    return {name: judge(ENGINES[name], pairs(), clean()) for name in names}


def by_language(name: str) -> Keep:
    """Keep what is in a language."""
    return lambda each: each.language == name


def by_group(name: str) -> Keep:
    """Keep what is in Python, or in any other language."""
    return lambda each: _group(each.language) == name


def by_family(name: str, group: str) -> Keep:
    """Keep pairs of a family in Python, or in any other language."""
    return all_of(lambda each: isinstance(each, Pair) and name in families(each.cwe), by_group(group))


def all_of(*keeps: Keep) -> Keep:
    """Keep what all of them keep."""
    return lambda each: all(keep(each) for keep in keeps)


def is_held(each: Pair | Clean) -> bool:
    """Keep the pairs that were set aside."""
    return isinstance(each, Pair) and each.held


def rows(judged: dict[str, Judged]) -> Iterator[tuple[str, str, str, Score]]:
    """Yield table, row, engine and score, table by table; the peers read Python alone."""
    for table, row, keep, group in _selections():
        for engine, each in judged.items():
            if engine == "tracevet" or group == "python":
                yield table, row, engine, each.score(keep)


def _selections() -> Iterator[tuple[str, str, Keep, str]]:
    """Yield table, row, what the row counts, and whether that is Python or others."""
    for group in ("python", "others"):
        yield "all", group, by_group(group), group
    for group in ("python", "others"):
        yield "held out", group, all_of(is_held, by_group(group)), group
    for language in sorted({pair.language for pair in pairs()}):
        yield "language", language, by_language(language), _group(language)
    for group in ("python", "others"):
        for name in sorted({family for pair in pairs() for family in families(pair.cwe)}):
            yield f"family, {group}", name, by_family(name, group), group


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.report", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--wrong", action="store_true", help="every miss and false alarm that is not held out")
    options = parser.parse_args()
    results = judged(("tracevet",) if options.wrong else tuple(ENGINES))
    if options.wrong:
        lines = list(results["tracevet"].wrong(lambda each: not is_held(each)))
    elif options.json:
        lines = [json.dumps(_tree(results), indent=1)]
    else:
        lines = list(_table(results))
    sys.stdout.write("\n".join(lines) + "\n")


def _table(results: dict[str, Judged]) -> Iterator[str]:
    yield f"{len(pairs())} pairs, {sum(pair.held for pair in pairs())} of them held out; {len(clean())} clean snippets"
    table = ""
    for name, row, engine, score in rows(results):
        if not score.weak:
            continue
        if table != name:
            table = name
            yield f"\n{name:28} {'engine':9} " + " ".join(f"{head:>12}" for head in _HEADS)
        figures = score.figures()
        yield f"{row:28} {engine:9} " + " ".join(f"{figures[head]:12}" for head in _HEADS)


def _tree(results: dict[str, Judged]) -> dict[str, dict[str, dict[str, dict[str, float | int]]]]:
    tree: dict[str, dict[str, dict[str, dict[str, float | int]]]] = {}
    for name, row, engine, score in rows(results):
        if score.weak:
            tree.setdefault(name, {}).setdefault(row, {})[engine] = score.figures()
    return tree


def _group(language: str) -> str:
    return "python" if language == "python" else "others"


if __name__ == "__main__":
    main()
