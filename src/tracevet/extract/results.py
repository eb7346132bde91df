"""What tools give back: mostly text that was there before, but also copies of what was written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracevet.extract import patches, walk
from tracevet.extract.argument import Argument
from tracevet.extract.arguments import arguments, capped, command, path_of
from tracevet.extract.parts import is_media
from tracevet.extract.tools import KEYS, Meaning, normal, tool
from tracevet.extract.walk import Node
from tracevet.model import Json

_LABELS = (Meaning.PATH, Meaning.DIRECTORY, Meaning.LANGUAGE, Meaning.LABEL)
_COPIES = frozenset({"structuredPatch", "parsed_cmd"})  # of the strings beside them
_WRITTEN = frozenset(
    {"structuredPatch", "newContent", "newString", "new_string"}
)  # only a writing tool's result has one


@dataclass(frozen=True, slots=True)
class About:
    """What the call says of its result: the file it named, and whether it reads files."""

    path: str | None
    reads: bool

    @property
    def read(self) -> str | None:
        """The file whose content the result's texts are."""
        return self.path if self.reads else None

    def longest(self, own: str | None) -> str | None:
        """Give the path that a part of the result names, in the call's spelling where that says more."""
        if own is None:
            return self.read
        return self.path if self.path and self.path.endswith(f"/{own}") else own


def results(node: Node, name: str, path: str | None) -> Iterator[Argument]:
    """Yield what stands in a tool's result; OTHER and OLD is what was there before.

    `path` is the file that the call named: the result's text is that file's where the tool reads files.
    """
    reads = tool(name).reads
    if not reads:
        node, cut = walk.opened(node)
        if cut:
            yield Argument(node=node, meaning=Meaning.CUT)
    yield from capped(_results(node, About(path, reads)), node)


def _results(node: Node, about: About) -> Iterator[Argument]:
    if isinstance(node.value, str):
        if node.value.strip():
            yield Argument(node=node, meaning=Meaning.OTHER, path=about.read)
    elif isinstance(node.value, dict | list) and node.value and node.too_deep:
        yield Argument(node=node, meaning=Meaning.LIMIT)
    elif isinstance(node.value, list):
        for child in node.children():
            yield from _results(child, about)
    elif isinstance(node.value, dict):
        yield from _object(node, node.value, about)


def _object(node: Node, fields: dict[str, Json], about: About) -> Iterator[Argument]:
    if is_media(fields):
        yield Argument(node=node, meaning=Meaning.MEDIA)
        return
    if isinstance(fields.get("args"), dict) and isinstance(fields.get("name"), str):
        yield from arguments(node, str(fields["name"]))
        return
    own = about.longest(path_of(Node(fields, "")))
    writes = own is not None and (not _WRITTEN.isdisjoint(fields) or fields.get("type") in ("create", "update", "add"))
    before = next((str(value) for key, value in fields.items() if KEYS.get(normal(key)) is Meaning.OLD and value), None)
    for key, child in zip(fields, node.children(), strict=True):
        meaning = KEYS.get(normal(key), Meaning.OTHER)
        if key == "changes" and isinstance(child.value, dict):
            yield from _changes(child)
        elif meaning is Meaning.SHELL and isinstance(child.value, str | list):
            yield from command(Argument(node=child, meaning=meaning))
        elif not isinstance(child.value, str):
            yield from _results(child, about) if key not in _COPIES else ()
        elif child.value.strip() and meaning not in _LABELS:
            found = Argument(node=child, meaning=meaning, path=own, before=before)
            yield from _string(found, child.value, about, writes=writes)


def _string(found: Argument, text: str, about: About, *, writes: bool) -> Iterator[Argument]:
    if found.meaning is Meaning.PATCH and (writes or patches.is_patch(text)):
        # Beside a file's new content it is a copy, in fragments.
        yield from () if writes else (found,)
    elif found.meaning is Meaning.NEW and writes:
        yield found
    elif found.meaning in (Meaning.NEW, Meaning.OLD):
        yield replace(found, meaning=Meaning.OLD)
    else:
        yield from _opened(replace(found, meaning=Meaning.OTHER, path=about.read), about)


def _opened(found: Argument, about: About) -> Iterator[Argument]:
    inner, cut = walk.opened(found.node) if found.path is None else (found.node, False)
    if cut:
        yield Argument(node=found.node, meaning=Meaning.CUT)
    yield from (found,) if inner is found.node else _results(inner, about)


def _changes(node: Node) -> Iterator[Argument]:
    """Read Codex's record of a patch: by path, a new file's content or a unified diff."""
    for child in node.children():
        path = child.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        fields = child.value if isinstance(child.value, dict) else {}
        added = child.get("content")
        if added is not None and isinstance(added.value, str):
            meaning = Meaning.NEW if fields.get("type") == "add" else Meaning.OLD
            yield Argument(node=added, meaning=meaning, path=path)
        diff = child.get("unified_diff")
        if diff is not None and isinstance(diff.value, str):
            yield Argument(node=diff, meaning=Meaning.PATCH, path=_moved(fields) or path)


def _moved(fields: dict[str, Json]) -> str | None:
    path = fields.get("move_path")
    return path if isinstance(path, str) and path else None
