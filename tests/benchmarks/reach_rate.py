"""How fast `reach` finds 1 000 violations in a repository of 10 000 files, and how much memory that takes.

    python tests/benchmarks/reach_rate.py [FILES] [VIOLATIONS]

The repository is made of the Python files of this environment, each again in copies that differ. Half of the code
looked for stands in them, with its variables renamed; the other half does not, being what stands there but for one
call. All was committed years ago, so that `--since 90d` has no history to read.
The floor in the same run is git itself, printing all files.
"""

import os
import random
import re
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracevet.model import ReachState
from tracevet.repository import Needle, Repository, reach, tokens
from tracevet.repository.tokens import NAME

OLD = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"}
SINCE = datetime.now(UTC) - timedelta(days=90)
CALL = re.compile(r"[a-z_]{3,}(?=\()")


def sources(count: int) -> list[str]:
    """Collect Python files, in copies that differ when there are too few."""
    folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    files = sorted({path for folder in folders for path in folder.rglob("*.py") if path.stat().st_size < 200_000})
    texts = [path.read_text("utf-8", "replace") for path in files[:count]]
    return [f"copy = {number}\n{texts[number % len(texts)]}" for number in range(count)]


def renamed(line: str) -> str:
    """Give every name that may be chosen freely another one."""
    for token in reversed(tokens(line, hashed=True)):
        if token.normal == NAME:
            line = f"{line[: token.start]}my_{token.raw}{line[token.start + len(token.raw) :]}"
    return line


def wanted(texts: list[str], count: int, pick: random.Random) -> list[tuple[Needle, bool]]:
    """Take lines out of the files: each second one is changed so that it stands nowhere."""
    found: list[tuple[Needle, bool]] = []
    while len(found) < count:
        text = pick.choice(texts).splitlines()
        at = pick.randrange(len(text))
        line = "\n".join(part.strip() for part in text[at : at + 2])
        there = len(found) % 2 == 0
        line = renamed(line)
        if not there:
            line = CALL.sub(lambda match: f"{match[0]}_{len(found)}", line, count=1)
        needle = Needle.of(str(len(found)), line, language="python", path="app.py")
        if needle.sure and (there or CALL.search(line)) and '"""' not in line:
            found.append((needle, there))
    return found


def main() -> None:
    """Build the repository, search it, and print the figures."""
    files, count = (int(argument) for argument in (*sys.argv[1:], "10000", "1000")[:2])
    pick = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        texts = sources(files)
        for number, text in enumerate(texts):
            path = Path(folder) / f"d{number % 100}" / f"f{number}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        for command in ("init -q", "add -A", "-c user.name=k -c user.email=k@example.com commit -qm all"):
            subprocess.run(["git", *command.split()], cwd=folder, check=True, env={**os.environ, **OLD})
        needles = wanted(texts, count, pick)
        size = sum(map(len, texts)) / 1e6
        del texts
        began = time.perf_counter()
        subprocess.run(["git", "archive", "--format=tar", "-o", "/dev/null", "HEAD"], cwd=folder, check=True)
        floor = time.perf_counter() - began
        began = time.perf_counter()
        found = reach(Repository(Path(folder)), [needle for needle, _ in needles], since=SINCE)
        took = time.perf_counter() - began
    states = [one.state is ReachState.HEAD for one in found.reaches]
    there = [state for state, (_, is_there) in zip(states, needles, strict=True) if is_there]
    gone = [state for state, (_, is_there) in zip(states, needles, strict=True) if not is_there]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found.files} files, {size:.0f} MB, {count} violations: {took:.1f} s, {took / floor:.1f} x git archive")
    print(
        f"peak memory of the process {peak:.0f} MB; "
        f"found {sum(there)} of {len(there)}, wrongly {sum(gone)} of {len(gone)}"
    )


if __name__ == "__main__":
    main()
