"""Megabytes per CPU second on ordinary source text: the detector, and Python's `re` over the same table.

`python speed.py [directory] [megabytes]`; by default the standard library's modules. `re` gets a small part of the
text, as it takes minutes for the rest.
"""

import re
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tracevet import Snippet, Surface
from tracevet_secrets import SecretsDetector
from tracevet_secrets.forms import ASSIGNED, OTHERS
from tracevet_secrets.rules import RULES

_FOR_RE = 200_000  # bytes


def read(directory: Path, limit: int) -> list[str]:
    """Read the Python modules of a directory, up to so many bytes."""
    texts: list[str] = []
    for path in sorted(directory.rglob("*.py")):
        if "site-packages" not in path.parts and sum(map(len, texts)) < limit:
            texts.append(path.read_text("utf-8", "replace"))
    return texts


def speed(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Give the megabytes that were done in a second of CPU time."""
    start = time.process_time()
    for text in texts:
        work(text)
    return sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6 / (time.process_time() - start)


def plain_search() -> Callable[[str], int]:
    """Search with every pattern of the table, by Python's `re` and without a prefilter."""
    patterns = [re.compile(re.sub(r"\\z", r"\\Z", rule.pattern)) for rule in RULES if rule.pattern]
    patterns += [re.compile(ASSIGNED), re.compile(OTHERS)]
    return lambda text: sum(1 for pattern in patterns for _ in pattern.finditer(text))


def main(directory: Path, megabytes: float) -> None:
    """Print one line for each."""
    detector = SecretsDetector()
    texts = read(directory, int(megabytes * 1e6))

    def scan(text: str) -> int:
        return len(
            list(
                detector.scan([Snippet(text=text, surface=Surface.CONTEXT, language="python", span="s", pointer="/o")])
            )
        )

    ours = speed(scan, texts)
    theirs = speed(plain_search(), ["".join(texts)[:_FOR_RE]])
    print(f"tracevet-secrets          {ours:8.2f} MB per CPU second")
    print(f"re over the same table    {theirs:8.2f} MB per CPU second ({ours / theirs:.0f} times slower)")


if __name__ == "__main__":
    main(
        Path(sys.argv[1] if sys.argv[1:] else sysconfig.get_paths()["stdlib"]),
        float(sys.argv[2]) if sys.argv[2:] else 30,
    )
