"""What the Python detectors cost: `python tests/benchmarks/python_detectors.py [FILES]`.

Reads files of the standard library and of the installed packages, and prints CPU time as multiples of `ast.parse`
on the same files in the same run: each detector alone, both together as a worker runs them, and bandit's own manager.
"""

import ast
import sys
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tracevet import Detector, Snippet, Surface
from tracevet_python import BanditDetector
from tracevet_python.bandit.engine import load_engine
from tracevet_python.flow import FlowDetector
from tracevet_python.trees import forget

FILES = 150
LARGEST = 100_000  # characters


def texts(root: Path, count: int, skip: Iterable[str]) -> list[str]:
    """Read some files below a folder, spread evenly over it."""
    found = sorted(path for path in root.rglob("*.py") if not set(skip) & {*path.relative_to(root).parts})
    read = (path.read_text("utf-8", "replace") for path in found[:: max(1, len(found) // count)])
    return [text for text in read if 0 < len(text) <= LARGEST and parses(text)]


def parses(text: str) -> bool:
    """Tell whether Python reads a text as it stands."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def cost(run: Callable[[str], object], some: Iterable[str]) -> float:
    """Give the seconds of CPU that it takes to run on each text, without what an earlier one left behind."""
    spent = 0.0
    for text in some:
        forget()
        start = time.process_time()
        run(text)
        spent += time.process_time() - start
    return spent


def scanning(*detectors: Detector) -> Callable[[str], object]:
    """Scan one text with detectors, one after the other."""

    def run(text: str) -> object:
        snippet = Snippet(text=text, surface=Surface.APPLIED, language="python", span="", pointer="")
        return [list(detector.scan([snippet])) for detector in detectors]

    return run


def managed(folder: Path) -> Callable[[str], object]:
    """Scan one text with bandit itself, as a library."""
    load_engine()  # first, as importing bandit warns
    from bandit.core.config import BanditConfig  # type: ignore[import-untyped]  # bandit ships no types
    from bandit.core.manager import BanditManager  # type: ignore[import-untyped]  # bandit ships no types

    def run(text: str) -> object:
        path = folder / "snippet.py"
        path.write_text(text, "utf-8")
        manager = BanditManager(BanditConfig(), "file", ignore_nosec=True)
        manager.discover_files([str(path)])
        manager.run_tests()
        return manager.results

    return run


def rows(folder: Path) -> Iterator[tuple[str, Callable[[str], object]]]:
    """Give what is measured, by name."""
    bandit, flow = BanditDetector(), FlowDetector()
    yield "bandit", scanning(bandit)
    yield "flow", scanning(flow)
    yield "bandit and flow", scanning(bandit, flow)
    yield "bandit's manager", managed(folder)


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    paths = sysconfig.get_paths()
    sets = {
        "standard library": texts(Path(paths["stdlib"]), count, ("site-packages", "test", "tests", "lib2to3")),
        "site-packages": texts(Path(paths["purelib"]), count, ("tests", "test")),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, some in sets.items():
            parsing = min(cost(ast.parse, some) for _ in range(3))
            lines = sum(text.count("\n") for text in some)
            print(f"{name}: {len(some)} files, {lines} lines, ast.parse {parsing:.2f} s")
            for what, run in rows(Path(folder)):
                print(f"  {what:18} {min(cost(run, some) for _ in range(2)) / parsing:5.1f} x ast.parse")


if __name__ == "__main__":
    main()
