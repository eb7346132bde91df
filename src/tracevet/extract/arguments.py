"""What stands in a tool's arguments: each string with its meaning, by the dictionary of `tools`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from tracevet.extract import language, lenient, notebooks, patches, walk
from tracevet.extract.argument import Argument
from tracevet.extract.parts import ARGUMENTS, is_media
from tracevet.extract.tools import KEYS, UNKNOWN, Meaning, Tool, normal, tool
from tracevet.extract.walk import Node
from tracevet.model import Json

MAX_ARGUMENTS = 20_000  # strings taken out of one value

_SHELLS = re.compile(r"(?:.*/)?(?:ba|z|da|k)?sh")
_RUNS = re.compile(r"-[a-z]*c")
_SCRIPT = 2  # the word after `bash -c`
_CODE = frozenset({"code", "script", "source", "query"})
_LABEL_WITH_ARGUMENTS = {"name": Meaning.LABEL, "toolname": Meaning.LABEL, "isclientinitiated": Meaning.LABEL}


def path_of(node: Node | None) -> str | None:
    """Give the path a tool's arguments name, however they are wrapped."""
    for _ in range(3):
        if node is None or not isinstance(node.value, dict):
            return None
        found = _fields(node.value, Meaning.PATH)
        if found:
            return found
        node = node.get(*ARGUMENTS)
    return None


def capped(found: Iterator[Argument], node: Node) -> Iterator[Argument]:
    """Stop after MAX_ARGUMENTS, with a LIMIT that says so: pointers and snippets must not multiply a payload."""
    yield from islice(found, MAX_ARGUMENTS)
    if next(found, None) is not None:
        yield Argument(node=node, meaning=Meaning.LIMIT)


def arguments(node: Node, name: str, path: str | None = None) -> Iterator[Argument]:
    """Yield what stands in a tool's arguments: an object, a list, or a string that may hold JSON."""
    yield from capped(_read(node, name, path), node)


def _read(node: Node, name: str, path: str | None) -> Iterator[Argument]:
    known = tool(name)
    node, cut = walk.opened(node)
    if cut or (isinstance(node.value, str) and node.value.startswith("{") and lenient.holds_json(node.value)):
        yield Argument(node=node, meaning=Meaning.CUT)
    if isinstance(node.value, str):
        yield Argument(node=node, meaning=_bare(node.value, known), path=path, language=known.language)
    else:
        yield from _arguments(node, known, path)


def command(about: Argument) -> Iterator[Argument]:
    """Yield the commands in a string, a list of words, or a list of commands."""
    words = about.node.value if isinstance(about.node.value, list) else []
    if isinstance(about.node.value, str):
        yield from (about,) if about.node.value.strip() else ()
    elif not all(isinstance(word, str) for word in words) or about.node.pointer.endswith("/commands"):
        for item in about.node.children():
            yield from _value(item, Meaning.SHELL, UNKNOWN, replace(about, node=item))
    elif len(words) > _SCRIPT and _SHELLS.fullmatch(str(words[0])) and _RUNS.fullmatch(str(words[1])):
        yield replace(about, node=about.node.child(_SCRIPT))
    elif words:
        yield about


def _bare(text: str, known: Tool) -> Meaning:
    return Meaning.PATCH if patches.is_patch(text) else known.bare


def _arguments(node: Node, known: Tool, path: str | None) -> Iterator[Argument]:
    if isinstance(node.value, dict | list) and node.value and node.too_deep:
        yield Argument(node=node, meaning=Meaning.LIMIT)
    elif isinstance(node.value, list):
        for child in node.children():
            yield from _value(child, Meaning.OTHER, known, Argument(node=child, meaning=Meaning.OTHER, path=path))
    elif isinstance(node.value, dict):
        if is_media(node.value):
            yield Argument(node=node, meaning=Meaning.MEDIA)
        else:
            yield from _object(node, node.value, known, path)


def _object(node: Node, fields: dict[str, Json], known: Tool, path: str | None) -> Iterator[Argument]:
    path = _fields(fields, Meaning.PATH) or path
    spoken = language.of_info(_fields(fields, Meaning.LANGUAGE) or "")
    if fields.get("cell_type") == "markdown":
        spoken = "markdown"
    before = _fields(fields, Meaning.OLD)
    wrapped = any(isinstance(fields.get(key), dict | str) for key in ("args", "arguments", "input"))
    for key, child in zip(fields, node.children(), strict=True):
        word = normal(key)
        meaning = known.keys.get(word) or KEYS.get(word, Meaning.OTHER)
        if wrapped:
            meaning = _LABEL_WITH_ARGUMENTS.get(word, meaning)
        about = Argument(node=child, meaning=meaning, path=path, language=spoken or known.language, before=before)
        if word in _CODE and isinstance(child.value, str):
            about = replace(about, meaning=_of_code(word, child.value, about, known))
        yield from _value(child, about.meaning, known, about)


def _of_code(word: str, text: str, about: Argument, known: Tool) -> Meaning:
    """Tell code that is run from code that is written: the latter has a file."""
    if word == "code":
        return Meaning.NEW if about.path and not known.language else Meaning.PROGRAM
    if word == "query":
        return Meaning.PROGRAM if language.guess(text) == "sql" else about.meaning
    return Meaning.PROGRAM if about.language else about.meaning


def _value(child: Node, meaning: Meaning, known: Tool, about: Argument) -> Iterator[Argument]:
    value = child.value
    if isinstance(value, str):
        yield from _string(child, meaning, known, about)
    elif meaning is Meaning.SHELL and isinstance(value, list):
        yield from command(about)
    elif isinstance(value, dict | list):
        yield from _arguments(child, known, about.path)


def _string(child: Node, meaning: Meaning, known: Tool, about: Argument) -> Iterator[Argument]:
    text = str(child.value)
    if meaning is Meaning.NEW and notebooks.is_whole(about):
        yield from notebooks.cells(about)
        return
    if meaning is Meaning.PATCH and not patches.is_patch(text):
        meaning = Meaning.OTHER
    elif meaning is Meaning.OTHER and patches.is_patch(text):
        meaning = Meaning.PATCH
    inner, cut = walk.opened(child) if meaning is Meaning.OTHER else (child, False)
    if inner is not child:
        if cut:
            yield Argument(node=child, meaning=Meaning.CUT)
        yield from _arguments(inner, known, about.path)
    elif meaning is not Meaning.LABEL and text.strip():
        yield replace(about, meaning=meaning)


def _fields(fields: Mapping[str, Json], meaning: Meaning) -> str | None:
    """Give the first string whose key has that meaning."""
    for key, value in fields.items():
        if isinstance(value, str) and value.strip() and KEYS.get(normal(key)) is meaning:
            return value
    return None
