"""Snippets in the files that they were written into, and none of them taken for applied where the tool failed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from tracevet.extract import Placed, Rebuilt, normal_path
from tracevet.extract.language import of_path
from tracevet.model import Snippet, Surface

Ranges: TypeAlias = tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the texts of a trace were written, by call or span, else by file."""

    by_call: Mapping[tuple[str, str], Placed]
    by_file: Mapping[tuple[str, str], Placed]
    failed: frozenset[str]  # spans and calls
    directory: str | None

    @classmethod
    def of(cls, rebuilt: Rebuilt, directory: str | None) -> "Places":
        """Index what was rebuilt."""
        by_call: dict[tuple[str, str], Placed] = {}
        by_file: dict[tuple[str, str], Placed] = {}
        for placed in rebuilt.placed:
            for index, key in ((by_call, placed.call or placed.span), (by_file, placed.path)):
                index[key, placed.fragment] = _joined(index.get((key, placed.fragment)), placed)
        failed = frozenset(call or span for span, call in rebuilt.failed)
        return cls(by_call, by_file, failed, directory)

    def path(self, snippet: Snippet) -> str | None:
        """Give the normal path of the file that a snippet, as it was found, is meant for."""
        found = self._find(snippet)
        return found.path if found else self._path(snippet)

    def _path(self, snippet: Snippet) -> str | None:
        return normal_path(snippet.path, self.directory) if snippet.path else None

    def put(self, snippet: Snippet) -> Snippet:
        """Give the whole file that an applied snippet was written into, or the snippet as it is."""
        if snippet.surface is not Surface.APPLIED:
            return snippet
        if snippet.span in self.failed or (snippet.call or "") in self.failed:
            return replace(snippet, surface=Surface.SUGGESTED)
        found = self._find(snippet)
        if found is None or found.path.endswith(".ipynb"):  # such a file is JSON; what was written are its cells
            return snippet
        language = (of_path(snippet.path) if snippet.path else "") or snippet.language
        return replace(
            snippet, text=found.text, language=language, changed=found.changed, offset=0, lines=None, rebuilt=True
        )

    def _find(self, snippet: Snippet) -> Placed | None:
        text = snippet.text
        for key in filter(None, (snippet.call, snippet.span)):
            if (key, text) in self.by_call:
                return self.by_call[key, text]
        path = self._path(snippet)
        return self.by_file.get((path, text)) if path else None


def _joined(first: Placed | None, second: Placed) -> Placed:
    """Join what one call wrote twice in one file."""
    if first is None or first.text != second.text or first.path != second.path:
        return second
    if first.changed is None or second.changed is None:
        return replace(second, changed=None)
    return replace(second, changed=tuple(sorted({*first.changed, *second.changed})))
