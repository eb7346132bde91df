"""Notebooks that are written as whole files: their cells, not their JSON."""

from collections.abc import Iterator
from dataclasses import replace

from tracevet.extract import language, walk
from tracevet.extract.argument import Argument
from tracevet.extract.tools import Meaning, normal
from tracevet.extract.walk import Node


def is_whole(about: Argument) -> bool:
    """Tell a notebook's whole file from the source of one cell."""
    key = normal(about.node.pointer.rpartition("/")[2])
    text = about.node.value if isinstance(about.node.value, str) else ""
    return (about.path or "").endswith(".ipynb") and key in _FILES and text.lstrip().startswith("{")


def cells(about: Argument) -> Iterator[Argument]:
    """Yield the source of each cell of a notebook; what is no notebook, or was cut off, is said to be cut."""
    node, cut = walk.opened(about.node)
    listed = node.get("cells")
    if cut or listed is None or not isinstance(listed.value, list):
        yield Argument(node=about.node, meaning=Meaning.CUT)
    spoken = _language(node)
    for cell in listed.children() if listed else ():
        source = cell.get("source")
        kind = cell.text("cell_type") or "code"
        if source is not None and kind in _KINDS:
            found = replace(about, node=_lines(source), language=_KINDS[kind] or spoken)
            yield found if isinstance(walk.spoken(found.node.value), str) else replace(found, meaning=Meaning.LIMIT)


_FILES = frozenset({"content", "contents", "filetext", "newcontent", "filecontent", "codecontent"})
_KINDS = {"code": "", "markdown": "markdown", "raw": "text"}


def _lines(source: Node) -> Node:
    """Give a list of one line as that line: a list of several is read as one text."""
    return source.child(0) if isinstance(source.value, list) and len(source.value) == 1 else source


def _language(node: Node) -> str:
    metadata = node.get("metadata")
    info = metadata.get("language_info", "kernelspec") if metadata else None
    return (language.of_info(info.text("name", "language") or "") if info else "") or "python"
