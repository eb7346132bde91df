"""One pass over a trace: what stands where becomes snippets, and what can't be read becomes gaps."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tracevet.extract import lenient, prose, walk
from tracevet.extract.argument import Argument
from tracevet.extract.histories import Histories, Recall, nothing
from tracevet.extract.memo import Memo
from tracevet.extract.past import Resent
from tracevet.extract.prose import Draft
from tracevet.extract.tools import Meaning
from tracevet.extract.walk import Node
from tracevet.model import Gap, GapReason, Snippet, Span, Surface

Item: TypeAlias = Snippet | Gap | Resent
Reader: TypeAlias = Callable[..., Iterator[Draft]]  # of `prose`

PLACEHOLDERS = frozenset(
    {"<REDACTED>", "[REDACTED]", "REDACTED", "redacted-by-litellm", "[SECRET_DETECTED]", "[REDACTED:credential]"}
)

_DELETES = re.compile(r"^(?:\*\*\* Delete File|deleted file|rename from)", re.MULTILINE)  # without any text
_DETAILS = {
    Meaning.MEDIA: (GapReason.NOT_RECORDED, "an image, sound or file: only text is read"),
    Meaning.CUT: (GapReason.TRUNCATED, "JSON that was cut off or is broken: what could be read of it was"),
    Meaning.LIMIT: (GapReason.TOO_LARGE, f"deeper than {walk.MAX_DEPTH} containers, or too many values, to be read"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one text gave, and whether it ends in a mark of truncation."""

    drafts: tuple[Draft, ...]
    cut: bool


class Reading:
    """What is known while a trace is read: the span, the gaps told already, calls by id, and histories seen."""

    def __init__(self, memo: Memo[Taken], recall: Recall = nothing) -> None:
        """Start at no span; texts that the memo knows are not taken apart again, nor are lists that can be recalled."""
        self.memo = memo
        self._told: set[tuple[GapReason, str, str, str]] = set()
        self.histories = Histories(recall)
        self.span = Span(id="")
        self.calls: dict[str, tuple[str, str | None]] = {}  # id -> tool, path

    def gap(self, reason: GapReason, detail: str, pointer: str) -> Iterator[Gap]:
        """Yield a gap at a place of the span, once."""
        key = (reason, detail, self.span.id, pointer)
        if key not in self._told:
            self._told.add(key)
            yield Gap(reason=reason, detail=detail, span=self.span.id, pointer=pointer)

    def limit(self, node: Node, meaning: Meaning) -> Iterator[Gap]:
        """Yield the gap for a value that is no text, was cut off, or is beyond the caps."""
        reason, detail = _DETAILS[meaning]
        yield from self.gap(reason, detail, node.pointer)

    def text(
        self,
        node: Node,
        read: Reader,
        *args: str | None,
        resent: bool = False,
        call: str | None = None,
        surface: Surface | None = None,
    ) -> Iterator[Item]:
        """Yield the snippets that a reader of `prose` finds in the text at a node, and the gaps the text shows.

        `surface` is put in the place of any that says that a tool wrote or ran it.
        """
        text = walk.spoken(node.value) or ""
        if text.strip() in PLACEHOLDERS:
            yield from self.gap(GapReason.REDACTED, "replaced before it was recorded", node.pointer)
        elif text:
            taken = self.take(text[: walk.MAX_TEXT], read, *args)
            yield from self._missing(node, text, taken)
            for draft in taken.drafts:
                yield self._snippet(node, draft, resent=resent, call=call, surface=surface)

    def _missing(self, node: Node, text: str, taken: Taken) -> Iterator[Gap]:
        if len(text) > walk.MAX_TEXT:
            detail = f"only the first {walk.MAX_TEXT:,} characters were read"
            yield from self.gap(GapReason.TOO_LARGE, detail, node.pointer)
        elif taken.cut:
            yield from self.gap(GapReason.TRUNCATED, "the integration cut the text off", node.pointer)

    def take(self, text: str, read: Reader, *args: str | None) -> Taken:
        """Take a text apart, unless that was done before."""
        size = len(text) + sum(len(arg) for arg in args if arg)
        return self.memo.get((read.__name__, text, *args), size, lambda: _taken(text, read(text, *args)))

    def argument(
        self, about: Argument, *, resent: bool = False, call: str | None = None, surface: Surface | None = None
    ) -> Iterator[Item]:
        """Yield the snippets of one argument of a tool."""
        if about.meaning in _DETAILS:
            yield from self.limit(about.node, about.meaning)
        elif about.meaning in _READERS:
            read, args = _READERS[about.meaning](about)
            items = list(self.text(about.node, read, *args, resent=resent, call=call, surface=surface))
            yield from items
            yield from self._unsure(about, items)

    def _unsure(self, about: Argument, items: Iterable[Item]) -> Iterator[Gap]:
        found = [item for item in items if isinstance(item, Snippet)]
        if about.meaning is Meaning.PATCH and not found and not _DELETES.search(str(about.node.value)):
            yield from self.gap(GapReason.MALFORMED, "a patch of which no file could be read", about.node.pointer)
        elif about.meaning is Meaning.OTHER and any(_is_bare_code(item) for item in found):
            detail = "a tool's argument that nobody knows holds code: it was vetted as if it were only said"
            yield from self.gap(GapReason.UNKNOWN_KIND, detail, about.node.pointer)

    def _snippet(self, node: Node, draft: Draft, *, resent: bool, call: str | None, surface: Surface | None) -> Snippet:
        used = surface if surface and draft.surface in (Surface.APPLIED, Surface.COMMAND) else draft.surface
        return Snippet(
            text=draft.text,
            surface=used,
            language=draft.language,
            span=self.span.id,
            pointer=node.pointer,
            offset=draft.offset,
            lines=draft.lines,
            path=draft.path,
            changed=draft.changed,
            resent=resent,
            call=call,
        )


def _taken(text: str, drafts: Iterable[Draft]) -> Taken:
    return Taken(tuple(drafts), lenient.truncation(text) is not None)


def _is_bare_code(snippet: Snippet) -> bool:
    """Tell whether a whole argument was taken for code, not a block in its text."""
    return snippet.offset == 0 and snippet.lines is None and snippet.language != prose.TEXT


def _spoken(about: Argument) -> str:
    """Give the language of a program, as far as the tool or the key says it."""
    sql = about.node.pointer.rpartition("/")[2].lower() in ("sql", "query")
    return about.language or ("sql" if sql else "")


_READERS: dict[Meaning, Callable[[Argument], tuple[Reader, tuple[str | None, ...]]]] = {
    Meaning.NEW: lambda about: (prose.written, (about.path, about.language, about.before)),
    Meaning.OLD: lambda about: (prose.known, (about.path,)),
    Meaning.SHELL: lambda about: (prose.command, (about.language or "shell",)),
    Meaning.PROGRAM: lambda about: (prose.program, (_spoken(about),)),
    Meaning.PATCH: lambda about: (prose.patch, (about.path,)),
    Meaning.OTHER: lambda about: (prose.other, ()),
}
