"""What one text gives: drafts of snippets, which only lack the place they came from. Pure, one text at a time."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from tracevet.extract import fences, language, patches, shell, xmltools
from tracevet.extract.piece import Piece, PieceKind, within
from tracevet.extract.tools import KEYS, Meaning, normal
from tracevet.model import Surface

TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A snippet without span, pointer and call; offsets are into the text it was found in."""

    text: str
    surface: Surface
    language: str
    offset: int = 0
    lines: tuple[int, ...] | None = None
    path: str | None = None
    changed: tuple[tuple[int, int], ...] | None = None


def said(text: str) -> Iterator[Draft]:
    """Take apart what the assistant said: the text itself, tools called in XML, patches, and code blocks."""
    yield from plain(text, Surface.SUGGESTED)
    taken = []
    for _, fields in xmltools.calls(text):
        taken += [_stretch(piece) for piece in fields.values()]
        yield from _xml_call(text, fields)
    shown = _free(fences.blocks(text), taken)
    yield from _blocks(text, Surface.SUGGESTED, shown)
    if patches.holds_patch(text):
        taken += [_stretch(piece) for piece in shown]
        yield from _drafts(_free(patches.files(text), taken), {PieceKind.FILE: Surface.SUGGESTED})


def asked(text: str) -> Iterator[Draft]:
    """Take apart what the developer sent: the text itself, and the code blocks in it."""
    yield from plain(text, Surface.PROMPT)
    yield from _blocks(text, Surface.PROMPT, fences.blocks(text))


def thought(text: str) -> Iterator[Draft]:
    """Give a text of the assistant whose code nobody was shown."""
    yield from plain(text, Surface.SUGGESTED)


def known(text: str, path: str | None = None) -> Iterator[Draft]:
    """Give a text that was there before; its language only by its path."""
    yield from plain(text, Surface.CONTEXT, language.of_path(path) if path else TEXT, path)


def command(text: str, shell_language: str = "shell") -> Iterator[Draft]:
    """Take apart a shell command: itself, the files it writes, and the programs it runs."""
    yield from plain(text, Surface.COMMAND, shell_language)
    surfaces = {PieceKind.FILE: Surface.APPLIED, PieceKind.RUN: Surface.COMMAND, PieceKind.CODE: Surface.COMMAND}
    yield from _drafts(shell.programs(text), surfaces)


def program(text: str, spoken: str = "") -> Iterator[Draft]:
    """Give a program that a tool ran."""
    yield from plain(text, Surface.COMMAND, spoken or _language(text))


def patch(text: str, path: str | None = None) -> Iterator[Draft]:
    """Take apart a patch that a tool applied: of each file, the new side and the old one."""
    yield from _drafts(patches.files(text, path), {PieceKind.FILE: Surface.APPLIED}, path)


def written(text: str, path: str | None = None, spoken: str = "", before: str | None = None) -> Iterator[Draft]:
    """Give a text that a tool wrote to a file, in place of another."""
    name = language.of_path(path) if path else ""
    changed = patches.changed_lines(before, text.rstrip("\r\n")) if before else None
    yield from plain(text, Surface.APPLIED, spoken or name or _language(text), path, changed)


def other(text: str) -> Iterator[Draft]:
    """Take apart an argument that nobody knows: what the assistant said, and whatever plainly is code."""
    yield from said(text)
    guessed = language.guess(text) if "\n" in text and "```" not in text else ""
    if language.is_code(guessed):
        yield from plain(text, Surface.SUGGESTED, guessed)


def plain(
    text: str,
    surface: Surface,
    spoken: str = TEXT,
    path: str | None = None,
    changed: tuple[tuple[int, int], ...] | None = None,
) -> Iterator[Draft]:
    """Give the whole text; line ends at its end are left out, because copies of one text differ in them."""
    text = text.rstrip("\r\n")
    if text.strip():
        yield Draft(text=text, surface=surface, language=spoken or TEXT, path=path, changed=changed)


def _xml_call(text: str, fields: dict[str, Piece]) -> Iterator[Draft]:
    path = next((piece.text.strip() for key, piece in fields.items() if KEYS.get(normal(key)) is Meaning.PATH), None)
    for key, piece in fields.items():
        meaning = KEYS.get(normal(key))
        read = _XML.get(meaning) if meaning else None
        if read is not None and piece.text.strip():
            drafts = list(read(piece.text, path))
            moved = within(text, piece, map(_as_piece, drafts))
            yield from (_draft(inner, draft.surface, draft.path) for draft, inner in zip(drafts, moved, strict=True))


def _as_piece(draft: Draft) -> Piece:
    return Piece(
        text=draft.text,
        offset=draft.offset,
        lines=draft.lines,
        language=draft.language,
        path=draft.path,
        kind=PieceKind.FILE,
        changed=draft.changed,
    )


def _blocks(text: str, surface: Surface, shown: Iterable[Piece]) -> Iterator[Draft]:
    """Give the code blocks of a Markdown text; what a shell would write or run is shown in them, too."""
    surfaces = dict.fromkeys((PieceKind.CODE, PieceKind.FILE, PieceKind.RUN), surface)
    for piece in shown:
        inner = within(text, piece, shell.programs(piece.text)) if piece.language == "shell" else ()
        for draft in _drafts([piece, *inner], surfaces):
            if draft.language != TEXT:
                yield draft


def _drafts(pieces: Iterable[Piece], surfaces: dict[PieceKind, Surface], path: str | None = None) -> Iterator[Draft]:
    for piece in pieces:
        draft = _draft(piece, surfaces.get(piece.kind, Surface.CONTEXT), piece.path or path)
        if draft.text.strip():
            yield draft


def _draft(piece: Piece, surface: Surface, path: str | None) -> Draft:
    text = piece.text.rstrip("\r\n")
    count = text.count("\n") + 1
    name = language.of_path(path) if path else ""
    return Draft(
        text=text,
        surface=surface,
        language=piece.language or name or _language(text),
        offset=piece.offset,
        lines=piece.lines[:count] if piece.lines else None,
        path=path,
        changed=_clamped(piece.changed, count),
    )


def _clamped(changed: tuple[tuple[int, int], ...] | None, count: int) -> tuple[tuple[int, int], ...] | None:
    if changed is None:
        return None
    return tuple((first, min(last, count)) for first, last in changed if first <= count)


def _language(text: str) -> str:
    """Tell the language by content: "" is code in a language that can't be told, TEXT no code."""
    guessed = language.guess(text)
    return guessed or ("" if looks_like_code(text) else TEXT)


def looks_like_code(text: str) -> bool:
    """Tell by a glance at its lines whether a text in no known language is code rather than prose or data."""
    lines = [line.strip() for line in text[:20_000].split("\n") if line.strip()]
    marks = sum(1 for line in lines if _CODE_LINE.search(line[:400]))
    return marks * 3 > len(lines)


_CODE_LINE = re.compile(
    r"[;{}]$|^[)\]}]|\w\(.*\)[;:{]?$|^[\w.$@]+\s*(?::=|[-+*|]?=)\s*\S|=>|->|::|^\s*(?:#include|<\w+[ >])"
)


def _stretch(piece: Piece) -> tuple[int, int]:
    starts = piece.lines or (piece.offset,)
    last = piece.text.rpartition("\n")[2] if piece.lines else piece.text
    return min(starts), max(starts) + len(last)


def _free(pieces: Iterable[Piece], taken: list[tuple[int, int]]) -> list[Piece]:
    """Leave out the pieces that touch a stretch of the text that was read already."""
    begins = [begin for begin, _ in sorted(taken)]
    ends = list(accumulate((end for _, end in sorted(taken)), max))
    free = []
    for piece in pieces:
        start, stop = _stretch(piece)
        before = bisect_left(begins, stop)
        if not before or ends[before - 1] <= start:
            free.append(piece)
    return free


_XML: dict[Meaning, Callable[[str, str | None], Iterator[Draft]]] = {
    Meaning.NEW: written,
    Meaning.PATCH: patch,
    Meaning.SHELL: lambda text, _: command(text),
    Meaning.OLD: known,
}
