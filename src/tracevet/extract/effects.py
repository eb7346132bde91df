"""What a shell command does to files: texts that it writes, files that it prints, and changes that nobody can tell."""

import re
from collections.abc import Collection, Iterator, Mapping

from tracevet.extract import shell
from tracevet.extract.acts import Act, Event
from tracevet.extract.edits import of_pieces
from tracevet.extract.knowledge import printed
from tracevet.extract.piece import Piece, PieceKind
from tracevet.extract.shell_words import Command, commands
from tracevet.model import Json

_PRINTERS = frozenset({"cat", "tee", "envsubst", "echo", "printf"})  # as `shell` names what wrote a file
_IN_PLACE = re.compile(r"-[a-zA-Z]*i|--in-place")
# Command -> the option or verb that makes it change files; "" always does.
CHANGERS: Mapping[str, str] = {
    **dict.fromkeys(("mv", "cp", "rm", "truncate", "dd", "install", "rsync", "ed", "ex", "tee", "unlink", "ln"), ""),
    **dict.fromkeys(("patch", "black", "isort", "yapf", "rustfmt", "unzip", "pre-commit"), ""),
    **dict.fromkeys(("sed", "perl", "autopep8", "clang-format", "ruby"), "-i"),
    **dict.fromkeys(("gofmt", "goimports", "gofumpt", "shfmt", "prettier", "eslint", "ruff", "golangci-lint"), "fix"),
    **dict.fromkeys(("npm", "npx", "pnpm", "yarn", "cargo", "go", "uv", "uvx", "poetry", "terraform", "make"), "verb"),
}
_GIT = frozenset(
    {
        *("checkout", "restore", "reset", "stash", "apply", "am", "merge", "rebase", "pull", "switch", "clean"),
        *("revert", "cherry-pick", "mv", "rm"),
    }
)
_FIX = re.compile(r"--?(?:w|write|fix)\b.*|format|fmt\Z")
_VERB = re.compile(r"(?:.*[:-])?(?:fmt|format|fix|lint:fix|black|isort|prettier|gofmt|ruff)\Z|--fix|--write")
_WRITES = re.compile(
    r"open\([^)\n]{1,200}['\"][wax+]|\.write|write_text|writeFile|shutil|os\.(?:re(?:name|move|place)|unlink)"
)
_APPENDED = re.compile(r"(?:>>|\btee\s+-a)\s*['\"]?([^\s'\"|;&<>]+)")
_PRINTED = re.compile(r"(\d{1,7})(?:,(\d{1,7}))?p\Z")


def of_command(text: str, result: Json, *, done: bool) -> list[Event]:
    """Give what a command does to files, in the order of the text; what it prints counts where it was `done`."""
    pieces = list(shell.programs(text))
    patch = [piece for piece in pieces if _is_patch(piece)]
    written = {piece.path for piece in pieces if piece.kind is PieceKind.FILE}
    appended = frozenset(_APPENDED.findall(text))
    found = [(p.offset, event) for p in pieces if not _is_patch(p) for event in _of_piece(p, appended)]
    found += [(patch[0].offset, event) for event in of_pieces(text, patch)] if patch else []
    simple = commands(text)
    for command in simple:
        found += [(_start(command), event) for event in _of_words(command, patched=bool(patch))]
        found += [(_start(command), event) for event in _of_targets(command, written)]
    ordered = [event for _, event in sorted(found, key=lambda entry: entry[0])]
    seen = _shown(simple, result) if done else None
    return [*ordered, seen] if seen else ordered


def _is_patch(piece: Piece) -> bool:
    return piece.kind is PieceKind.OLD or (piece.kind is PieceKind.FILE and piece.info not in _PRINTERS)


def _of_piece(piece: Piece, appended: Collection[str]) -> Iterator[Event]:
    path = piece.path or ""
    if piece.kind is PieceKind.FILE and path:
        yield Event(act=Act.APPENDED if path in appended else Act.WROTE, path=path, text=piece.text)
    elif piece.kind is PieceKind.RUN and piece.language != "shell" and _WRITES.search(piece.text):
        yield Event(act=Act.LOST, text=piece.text)


def _of_targets(command: Command, written: set[str | None]) -> Iterator[Event]:
    """Name the files that output of unknown text goes to."""
    for word in command.targets[:100]:
        if word.text not in written and not word.text.isdigit() and not word.text.startswith(("/dev/", "&")):
            yield Event(act=Act.LOST, path=word.text)


def _start(command: Command) -> int:
    word = next((word for word in (*command.words, *command.targets) if word.runs), None)
    return word.runs[0][1] if word else 0


def _of_words(command: Command, *, patched: bool) -> Iterator[Event]:
    words = [word.text for word in command.words[:2_000]]
    while words and ("=" in words[0] or words[0] in ("sudo", "env", "time", "command", "xargs", "then", "do", "else")):
        words = words[1:]
    if not words:
        return
    name = words[0].rpartition("/")[2]
    if _changes(name, words[1:]) and not (patched and (name == "patch" or "apply" in words[1:2])):
        named = " ".join(word for word in words[1:] if not word.startswith("-"))
        everything = name in ("git", "npm", "npx", "pnpm", "yarn", "make", "cargo", "go", "pre-commit") or not named
        broad = everything and not re.search(r"[\w-]\.\w", named)
        yield Event(act=Act.LOST, text="" if broad or re.search(r"(?:^| )\.+/?(?: |$)|\*", named) else named)


def _changes(name: str, rest: list[str]) -> bool:
    if name == "git":
        return any(word in _GIT for word in rest[:4])
    how = CHANGERS.get(name)
    if how == "-i":
        return any(_IN_PLACE.match(word) for word in rest)
    if how == "fix":
        return any(_FIX.match(word) for word in rest) and "--check" not in rest
    if how == "verb":
        return any(_VERB.match(word) for word in rest[:6]) and "--check" not in rest
    return how == "" and "--check" not in rest


def _shown(simple: list[Command], result: Json) -> Event | None:
    """Read what `cat FILE` and `sed -n A,Bp FILE` print, where nothing else prints."""
    rest = [command for command in simple if not (command.words and command.words[0].text == "cd")]
    if len(rest) != 1 or rest[0].piped or rest[0].targets:
        return None
    match [word.text for word in rest[0].words]:
        case ["cat", path] if not path.startswith("-"):
            return printed(path, 1, result, whole=True)
        case ["sed", "-n", script, path] if found := _PRINTED.match(script):
            return printed(path, int(found[1]) or 1, result, whole=False)
    return None
