"""A git repository, read by git itself; whatever its configuration and names hold, nothing of it is run."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import IO

from tracevet.errors import SourceError, UsageError
from tracevet.policy.fingerprint import project_name

LARGEST = 2_000_000  # bytes; what is larger is generated
# Hooks, filters, editors and helpers that a repository's own configuration may name are switched off.
SAFE = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "diff.external=",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "protocol.allow=never",
    "-c",
    "gpg.program=false",
    "-c",
    "log.showSignature=false",
]
QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_INHERITED = re.compile(r"GIT_(DIR|WORK_TREE|INDEX_FILE|EXTERNAL_DIFF|PAGER|OBJECT_DIRECTORY|CONFIG.*)")
_FILE = {"100644", "100755"}


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit."""

    path: str
    oid: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Branch:
    """The tip of a branch."""

    name: str
    commit: str


@dataclass(frozen=True, slots=True)
class Author:
    """The commit that brought a line, and when its author made it."""

    commit: str
    at: datetime


class Repository:
    """One repository, as it is on disk."""

    def __init__(self, path: Path) -> None:
        """Find the repository that a directory is in.

        Raises:
            UsageError: there is none, or git is not installed.
            SourceError: git refuses it.
        """
        if not path.is_dir():
            raise UsageError(f"--repo {str(path)!r} is not a directory; name a clone of the repository")
        self.path = path
        try:
            top = self._text("rev-parse", "--show-toplevel", "--is-shallow-repository").splitlines()
        except FileNotFoundError:
            raise UsageError("git is not installed; install it to look into repositories") from None
        except SourceError as error:
            if "not a git repository" in str(error):
                raise UsageError(f"--repo {str(path)!r} is no git repository; name a clone of one") from None
            raise
        self.path = Path(top[0])
        self.shallow = top[1] == "true"  # older commits are not there

    def commit(self, name: str) -> str | None:
        """Give the full hash of what a name stands for; None where there is no such commit."""
        if name.startswith("-"):
            return None
        try:
            return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
        except SourceError:
            return None

    def branches(self, limit: int = 200) -> list[Branch]:
        """Give the local and remote branches, youngest first."""
        shape = "--format=%(refname:short)%00%(objectname)%00%(symref)"
        order = "--sort=-committerdate"
        lines = self._text("for-each-ref", shape, order, f"--count={limit}", "refs/heads", "refs/remotes").splitlines()
        found = (line.split("\x00") for line in lines)
        return [Branch(name, commit) for name, commit, link in found if not link]

    def main(self) -> str | None:
        """Name the main branch: what the remote says, else the usual names; None where there is none of them."""
        try:
            return self._text("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").strip()
        except SourceError:
            names = ("main", "master", "trunk", "develop")
            return next((name for name in names if self.commit(f"refs/heads/{name}")), None)

    def names(self) -> set[str]:
        """Name the repository as projects are named: by its remotes' addresses, and by its directory."""
        try:
            urls = self._text("config", "--get-regexp", r"^remote\..*\.url$").splitlines()
        except SourceError:  # there is no remote
            urls = []
        return {project_name(name) for name in (str(self.path), *(line.split(" ", 1)[-1] for line in urls))}

    def blobs(self, commit: str) -> Iterator[Blob]:
        """Yield the files of a commit; links and submodules are none, and what is too large is left out."""
        for row in self._text("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split("\x00"):
            head, _, path = row.partition("\t")
            mode, _, oid, size = head.split() if path else ("", "", "", "0")
            if mode in _FILE and int(size) <= LARGEST:
                yield Blob(path, oid, int(size))

    def differing(self, old: str, new: str) -> list[Blob]:
        """Give the files of `new` that `old` has not, or otherwise; sizes are 0."""
        rows = self._text("diff-tree", "-r", "-z", "--raw", "--no-renames", "--diff-filter=AM", old, new).split("\x00")
        pairs = zip(rows[0::2], rows[1::2], strict=False)
        parts = ((head.split(), path) for head, path in pairs)
        return [Blob(path, head[3], 0) for head, path in parts if head[1] in _FILE]

    def texts(self, blobs: Iterable[Blob]) -> Iterator[tuple[Blob, str]]:
        """Yield the files' texts; binary ones, and those that are too large, are left out."""
        wanted = list(blobs)
        with self._process("cat-file", "--batch", "--buffer", stdin=True) as (put, take):
            Thread(target=_ask, args=(put, wanted), daemon=True).start()
            for blob in wanted:
                head = take.readline().split()
                if len(head) != 3:  # noqa: PLR2004 - "missing": it is not on this machine
                    continue
                data = take.read(int(head[2]) + 1)[:-1]
                if len(data) <= LARGEST and b"\x00" not in data[:8192]:
                    yield blob, data.decode("utf-8", "replace")

    def authors(self, commit: str, path: str, lines: Sequence[tuple[int, int]]) -> dict[int, Author]:
        """Tell for the first line of each range which commit brought it."""
        ranges = [part for first, last in lines for part in ("-L", f"{first},{last}")]
        out = self._text("blame", "--porcelain", "-w", *ranges, commit, "--", path)
        times: dict[str, datetime] = {}
        found: dict[int, Author] = {}
        current, line = "", 0
        for row in out.split("\n"):
            head = re.match(r"\^?([0-9a-f]{40,64}) \d+ (\d+)", row)
            if head:
                current, line = head[1], int(head[2])
            elif row.startswith("author-time "):
                times[current] = datetime.fromtimestamp(int(row[12:]), UTC)
            elif row.startswith("\t") and current in times:
                found[line] = Author(current, times[current])
        return found

    def history(self, since: datetime | None) -> Iterator[str]:
        """Yield the lines of all commits' patches, youngest first; a line `commit HASH SECONDS` begins each."""
        when = [f"--since={since.isoformat()}"] if since else []
        shape = ["--format=commit %H %at", "-p", "-U3", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"]
        with self._process("log", "--all", "--no-merges", *shape, *when) as (_, take):
            for row in take:
                yield row.decode("utf-8", "replace").rstrip("\n")

    def changed(self, base: str) -> list[str]:
        """Give the files that were added or changed between a commit and the working tree."""
        out = self._text("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=AM", base, "--")
        return [path for path in out.split("\x00") if path]

    def patch(self, base: str, path: str) -> str:
        """Give the patch of one file between a commit and the working tree, without context."""
        shape = ["-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"]
        return self._text("diff", *shape, base, "--", f":(top,literal){path}")

    def merge_base(self, one: str, other: str) -> str | None:
        """Give the commit at which two parted; None where they have none in common, or it is not here."""
        try:
            return self._text("merge-base", one, other).strip()
        except SourceError:
            return None

    def _text(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            self._command(arguments), capture_output=True, check=False, env=_environment(), stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise SourceError(f"git {arguments[0]} in {self.path}: {_sentence(done.stderr)}")
        return done.stdout.decode("utf-8", "surrogateescape")

    @contextmanager
    def _process(self, *arguments: str, stdin: bool = False) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        process = subprocess.Popen(  # noqa: S603 - likewise
            self._command(arguments),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield process.stdin or process.stdout, process.stdout
        finally:
            process.kill()
            for pipe in filter(None, (process.stdin, process.stdout)):
                pipe.close()
            process.wait()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return ["git", "--no-pager", "-C", str(self.path), *SAFE, *arguments]


def _ask(put: IO[bytes], blobs: Sequence[Blob]) -> None:
    with suppress(OSError, ValueError):  # nobody wants the rest
        put.write(b"".join(f"{blob.oid}\n".encode() for blob in blobs))
        put.close()


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not _INHERITED.fullmatch(key)} | QUIET


def _sentence(said: bytes) -> str:
    """Give the last line that git said, without what a terminal would obey."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    text = lines[-1] if lines else "it failed without a word"
    return "".join(letter for letter in text.removeprefix("fatal: ") if letter.isprintable())[:300]
