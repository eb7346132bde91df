"""Programs inside shell commands: the files a command writes, and the code it hands to an interpreter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracevet.extract import patches
from tracevet.extract.language import guess, of_path
from tracevet.extract.piece import Piece, PieceKind, Run, assemble, within
from tracevet.extract.shell_runners import KEYWORDS, RUNNERS, WRAPPERS, Runner
from tracevet.extract.shell_words import Command, Word, commands, cooked

_LEVELS = 3  # shells started by shells
_TARGETS = 8  # of a text that goes to more files at once, the first of these
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_VERSION = re.compile(r"[\d.]+\Z")
_NO_FILE = re.compile(r"\d+|-|/dev/\w+|")
_CODE_SIGN = re.compile(r"[\s(;'\"$=]")
_PRINTS_INPUT = frozenset({"cat", "tee", "envsubst"})
_PATCHES = frozenset({"apply_patch", "applypatch", "patch"})


def programs(command: str) -> Iterator[Piece]:
    """Yield the files that a shell command writes and the programs it runs, as far as their text is in the command.

    FILE: from here-documents, `echo` and `printf`, by redirection or `tee`; of one text that goes to many files, the
    first eight. RUN: `python -c` and its like, SQL clients, code on an interpreter's standard input, also by a pipe,
    and shells, whose own programs follow (three levels). A patch that is applied comes as `patches.files` gives it.
    The command itself is not among the pieces. An unquoted variable stays as it is written.
    """
    yield from _programs(command, _LEVELS)


def _programs(source: str, levels: int) -> Iterator[Piece]:
    if not any(sign in source for sign in ("<<", ">", " -", "tee", "eval", "patch", "sqlite3", "duckdb", "ssh")):
        return
    outputs: dict[int, list[Run] | None] = {}
    for command in commands(source):
        step = _Step(source, command, outputs.get(id(command.piped)), levels)
        outputs[id(command)] = step.output()
        yield from step.pieces()


@dataclass
class _Step:
    """One simple command, and what comes into it through a pipe."""

    source: str
    command: Command
    piped: list[Run] | None
    levels: int

    def __post_init__(self) -> None:
        self.words = _core(self.command.words)
        self.name = _name(self.words[0]) if self.words else "cat"

    @property
    def stdin(self) -> list[Run] | None:
        return self.command.stdin if self.command.stdin is not None else self.piped

    def output(self) -> list[Run] | None:
        """Give what the command prints, as far as that stands in the source."""
        if self.name == "echo":
            return _echoed(self.words[1:])
        if self.name == "printf":
            return _printed(self.words[1:])
        reads_file = self.name != "tee" and any(not word.text.startswith("-") for word in self.words[1:])
        return self.stdin if self.name in _PRINTS_INPUT and not reads_file else None

    def pieces(self) -> Iterator[Piece]:
        yield from self._files()
        if self.name in _PATCHES or [word.text for word in self.words[:2]] in (["git", "apply"], ["git", "am"]):
            yield from self._patches()
        elif self.name == "eval":
            yield from self._run(_joined(self.words[1:]), "shell")
        elif self.name in RUNNERS:
            runner = RUNNERS[self.name]
            for runs in _codes(runner, self.words[1:], self.stdin):
                yield from self._run(runs, runner.language)

    def _files(self) -> Iterator[Piece]:
        targets = self.command.targets
        if self.name == "tee":
            targets = [*(word for word in self.words[1:] if not word.text.startswith("-")), *targets]
        runs = self.output()
        for target in targets[:_TARGETS] if runs else ():
            path = target.text
            if not _NO_FILE.fullmatch(path):
                place = assemble(self.source, runs or ())
                language = of_path(path) or guess(place["text"])
                yield Piece(**place, kind=PieceKind.FILE, path=path, language=language, info=self.name)

    def _patches(self) -> Iterator[Piece]:
        texts = [word.runs for word in self.words[1:]] + ([self.stdin] if self.stdin else [])
        for runs in texts:
            outer = Piece(**assemble(self.source, runs), kind=PieceKind.CODE)
            if patches.is_patch(outer.text):
                yield from within(self.source, outer, patches.files(outer.text))

    def _run(self, runs: Sequence[Run], language: str) -> Iterator[Piece]:
        piece = Piece(**assemble(self.source, runs), kind=PieceKind.RUN, language=language, info=self.name)
        if not piece.text.strip():
            return
        yield piece
        if language == "shell" and self.levels > 1:
            yield from within(self.source, piece, _programs(piece.text, self.levels - 1))


def _core(words: list[Word]) -> list[Word]:
    """Leave out what only stands before a command: keywords, assignments, and programs that start another."""
    at = 0
    while at < len(words) and (words[at].text in KEYWORDS or _ASSIGNMENT.match(words[at].text)):
        at += 1
    words = words[at:]
    if not words or _name(words[0]) not in WRAPPERS:
        return words
    inner = (at for at, word in enumerate(words[1:], 1) if _name(word) in RUNNERS or _name(word) in _INNER)
    return words[next(inner, 0) :]


_INNER = _PRINTS_INPUT | _PATCHES


def _name(word: Word) -> str:
    name = re.split(r"[\\/]", word.text[:300])[-1].lower().removesuffix(".exe")
    return name if name in RUNNERS else _VERSION.sub("", name)


def _codes(runner: Runner, words: Sequence[Word], stdin: list[Run] | None) -> Iterator[list[Run]]:
    """Yield the code that an interpreter's arguments hold, and what it reads if nothing else is to be run."""
    busy = False
    plain = 0  # arguments that are no options
    rest = iter(words)
    for word in rest:
        text = word.text
        if flag := runner.flag.match(text):
            code = _flagged(word, flag, rest)
            busy = busy or code is not None
            yield code.runs if code else []
        elif text in runner.ending:
            return
        elif text in runner.reading:
            break
        elif text.startswith("-"):
            next(rest if text in runner.valued else iter(()), None)
        elif runner.code_at is not None and plain == runner.code_at:
            busy = True
            yield word.runs if runner.language != "shell" else _joined([word, *rest])
        elif runner.script:
            return
        else:
            plain += 1
    if stdin and not busy:
        yield stdin


def _flagged(word: Word, flag: re.Match[str], rest: Iterator[Word]) -> Word | None:
    """Give the code that follows an option, in the next word or in its own; None if it was another option."""
    if flag.end() == len(word.text) and not flag[0].endswith("="):
        return next(rest, None)
    attached = flag[0].endswith("=") or _CODE_SIGN.search(word.text, flag.end())
    return word.after(flag.end()) if attached else None


def _joined(words: Sequence[Word]) -> list[Run]:
    """Put words into one line, a blank between two of them."""
    runs: list[Run] = []
    for word in words:
        if runs:
            part, start = runs[-1]
            runs.append((" ", start + len(part)))
        runs += word.runs
    return runs


def _echoed(words: Sequence[Word]) -> list[Run]:
    flags = 0
    while flags < len(words) and re.fullmatch(r"-[neE]+", words[flags].text):
        flags += 1
    runs = _joined(words[flags:])
    return cooked(runs) if any("e" in word.text for word in words[:flags]) else runs


def _printed(words: Sequence[Word]) -> list[Run]:
    if not words:
        return []
    pattern, *values = words[1:] if words[0].text == "--" else words
    if not values or "%" not in pattern.text:
        return cooked(pattern.runs)
    last = values[-1].runs[-1][1] if values[-1].runs else 0
    return [run for value in values for run in (*value.runs, ("\n", last))]
