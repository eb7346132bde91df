"""Print KB per CPU second, beside a floor of plain regular expressions: `python throughput.py [FOLDER]`."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tracevet import Snippet, Surface
from tracevet_pii import PiiDetector

_TESTS = Path(__file__).parents[1]
_FLOOR = [
    re.compile(pattern)
    for pattern in (
        r"[\w.+-]+@[\w-]+\.[\w.]+",
        r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}",
        r"\b(?:\d[ -]?){13,16}\b",
        r"\b\d{3}-\d{2}-\d{4}\b",
        r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
        r"\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,30}\b",
    )
]


def _texts(folder: Path) -> list[Snippet]:
    """Give the corpus line by line, and each source file of the folder, of about equal size together."""
    lines = [
        line.partition("\t")
        for name in ("positives.txt", "negatives.txt")
        for line in (_TESTS / name).read_text("utf-8").splitlines()
    ]
    prose = [(re.sub(r"⟦[a-z-]+\||⟧", "", text), language) for language, _, text in lines] * 10
    code = [(path.read_text("utf-8", "replace"), "python") for path in sorted(folder.glob("*.py"))[:20]]
    return [
        Snippet(text=text, surface=Surface.PROMPT, language=language, span="", pointer="")
        for text, language in prose + code
    ]


def _speed(work: Callable[[], object], size: int) -> float:
    start = time.process_time()
    work()
    return size / 1000 / (time.process_time() - start)


def main() -> None:
    """Measure both in one run."""
    snippets = _texts(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(re.__file__).parents[1])
    size = sum(len(each.text) for each in snippets)
    detector = PiiDetector()
    ours = _speed(lambda: list(detector.scan(snippets)), size)
    floor = _speed(lambda: [pattern.findall(each.text) for each in snippets for pattern in _FLOOR], size)
    print(f"{size / 1000:.0f} KB: pii {ours:.0f} KB/s, plain expressions {floor:.0f} KB/s, ratio {floor / ours:.2f}")


if __name__ == "__main__":
    main()
