"""Code blocks in Markdown: fenced and indented ones, in lists and quotes, with the language they are in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from markdown_it import MarkdownIt

from tracevet.extract import language, patches, sessions
from tracevet.extract.fence_info import Info, read_info
from tracevet.extract.fence_scan import Block, depth, scan
from tracevet.extract.paths import path_comment, path_line
from tracevet.extract.piece import Piece, PieceKind, Run, assemble, within

_NESTING = 40  # levels of quotes and lists that the CommonMark reader follows
_WORK = 300_000  # lines times levels, beyond which its time is out of proportion
_LINE_END = re.compile(r"\r\n?|\n")
_INNER = 3  # levels of Markdown shown in Markdown


def blocks(markdown: str) -> Iterator[Piece]:
    """Yield the code blocks of a Markdown text in its order, with language and path as far as they are told.

    The language is that of the info string, else of the path, else of the content; a block that calls itself text may
    still be told by its content. Of a patch come the pieces of `patches.files`; of a terminal or REPL session, only
    the lines that were typed; of Markdown in Markdown, the blocks inside it too. A fence that quotes lines of an
    existing file (`12:15:app/db.py`) is OLD. An unclosed fence goes on to the end.
    """
    yield from _blocks(markdown, _INNER)


def _blocks(markdown: str, levels: int) -> Iterator[Piece]:
    if not any(sign in markdown for sign in ("```", "~~~", "    ", "\t")):
        return
    source = _Source(markdown)
    for block in _found(source):
        yield from _pieces(source, block, levels)


class _Source:
    """A Markdown text and its lines, split where CommonMark splits them."""

    def __init__(self, text: str) -> None:
        self.text = text
        ends = [(end.start(), end.end()) for end in _LINE_END.finditer(text)]
        self.begins = [0, *(end for _, end in ends)]
        self.stops = [*(start for start, _ in ends), len(text)]

    def line(self, number: int) -> str:
        """Give a line, 0-based, without its line end; "" where there is none."""
        if not 0 <= number < len(self.begins):
            return ""
        return self.text[self.begins[number] : self.stops[number]]


def _found(source: _Source) -> Iterator[Block]:
    work = min(depth(source.text), _NESTING) * len(source.begins)
    text = source.text.replace("\ufeff", " ", 1) if source.text.startswith("\ufeff") else source.text
    tokens = _parser().parse(text) if work < _WORK else None
    if tokens is None or any(token.level >= _NESTING - 1 for token in tokens):
        yield from scan([source.line(number) for number in range(len(source.begins))])
        return
    for token in tokens:
        if token.type in ("fence", "code_block") and token.map:
            first = token.map[0] + (token.type == "fence")
            yield Block(first=first, info=token.info, lines=tuple(token.content.split("\n")))


@cache
def _parser() -> MarkdownIt:
    """Make a CommonMark reader of blocks only; code inside HTML blocks is code to us, so there are none of those."""
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING})
    parser.disable(["reference", "html_block"])
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _pieces(source: _Source, block: Block, levels: int) -> Iterator[Piece]:
    info = read_info(block.info)
    runs = list(_runs(source, block))
    piece = Piece(
        **assemble(source.text, runs), kind=PieceKind.OLD if info.quoted else PieceKind.CODE, info=block.info.strip()
    )
    if not piece.text.strip():
        return
    piece = _named(piece, info, source, block.first)
    if patches.is_patch(piece.text) or piece.language == "diff":
        found = list(within(source.text, piece, patches.files(piece.text, path=piece.path)))
        yield from found or [piece]
    elif typed := sessions.typed(piece.text, piece.language):
        inner = Piece(**assemble(piece.text, typed.runs), kind=piece.kind, language=typed.language, info=piece.info)
        yield from within(source.text, piece, [inner] if inner.text.strip() else [])
    else:
        yield piece
        if piece.language == "markdown" and levels > 1:
            yield from within(source.text, piece, _blocks(piece.text, levels - 1))


def _named(piece: Piece, info: Info, source: _Source, first: int) -> Piece:
    head = piece.text[:2_000].lstrip("\ufeff\r\n").split("\n", 1)[0]
    path = info.path or _path_above(source, first) or path_comment(head)
    spoken = info.language or (language.of_path(path) if path else "")
    if spoken in ("", "text") and not (path and spoken):
        spoken = language.guess(piece.text) or spoken
    return replace(piece, path=path, language=spoken)


def _path_above(source: _Source, first: int) -> str | None:
    """Give the path on the line above a block, or on the one above that if only a blank line is between."""
    above = [re.sub(r"^[\s>]+", "", source.line(first - back)) for back in (1, 2, 3)]
    if above[0].startswith(("```", "~~~")):
        above = above[1:]
    named = above[0] if above[0] or len(above) == 1 else above[1]
    return path_line(named)


def _runs(source: _Source, block: Block) -> Iterator[Run]:
    """Yield the lines of a block as they stand in the source, with their line ends."""
    last = len(block.lines) - 1
    for number, content in enumerate(block.lines, block.first):
        if number >= len(source.begins) or (number - block.first == last and not content):
            return
        line = source.line(number)
        skip = max(0, len(line) - len(content))
        if not _same(line[skip:], content):  # a tab that is in part indentation of the container
            bare = content.lstrip(" ")
            skip = len(line) - len(bare)
            yield content[: len(content) - len(bare)], source.begins[number] + skip
        stop = source.begins[number + 1] if number + 1 < len(source.begins) else len(source.text)
        yield source.text[source.begins[number] + skip : stop], source.begins[number] + skip


def _same(line: str, content: str) -> bool:
    return line == content or line.replace("\0", "\ufffd") == content
