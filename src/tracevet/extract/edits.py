"""What the arguments of a tool do to files: writes, edits, insertions and patches as events. Tables, then readers."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tracevet.extract import patches, walk
from tracevet.extract.acts import Act, Event
from tracevet.extract.parts import ARGUMENTS
from tracevet.extract.piece import Piece, PieceKind
from tracevet.extract.tools import KEYS, Meaning, normal, tool
from tracevet.extract.walk import Node
from tracevet.model import Json

Fields = Mapping[str, Json]  # by normal key

MAX_EDITS = 2_000  # of one call

_OLD = ("oldstring", "oldstr", "oldtext", "oldcode", "search", "targetcontent")
_NEW = ("newstring", "newstr", "newtext", "newcode", "replace", "replacement", "replacementcontent")
_WHOLE = ("content", "contents", "filetext", "newcontent", "filecontent", "codecontent", "text")
_PARTS = ("codeedit",)  # the new file with its unchanged stretches left out: nobody but its writer can put it together
_LISTS = ("edits", "replacements", "multiedits", "changes", "replacementchunks")
_EVERY = ("replaceall", "allowmultiple", "useregex")
_INSERTED = ("inserttext", "newstr", "newtext", "content", "text")
_CODEX = re.compile(r"^\*\*\* (Add|Delete|Update) File: (.+?)\r?\n(?:\*\*\* Move to: (.+?)\r?$)?", re.MULTILINE)
_UNIFIED_MOVE = re.compile(r"^rename from (.+?)\r?\nrename to (.+?)\r?$", re.MULTILINE)
_UNIFIED_DELETE = re.compile(r"^--- (?:a/)?(.+?)\r?\n\+\+\+ /dev/null", re.MULTILINE)
_RANGE = re.compile(r"@@+ -(\d{1,9})(?:,(\d{1,9}))? \+\d")


def of_call(name: str, value: Json) -> list[Event]:
    """Give what a call of a tool does to files, in order; calls of a shell are read by `effects`."""
    value = walk.opened(Node(value, ""))[0].value
    if isinstance(value, str):
        return list(of_patch(value)) if patches.is_patch(value) else []
    fields = unwrapped(value)
    path = path_in(fields)
    patch = next((text for text in _patches(fields) if patches.is_patch(text)), None)
    if patch is not None:
        return list(of_patch(patch, path))
    return list(_edits(name, fields, path)) if tool(name).writes or _says_edit(fields) else []


def unwrapped(value: Json) -> Fields:
    """Give a call's arguments by normal key, however they are wrapped."""
    fields: Fields = {}
    for _ in range(3):
        if not isinstance(value, dict):
            break
        fields = {normal(key): item for key, item in value.items()}
        inner = next((value[key] for key in ARGUMENTS if isinstance(value.get(key), dict | str)), None)
        if path_in(fields) or inner is None:
            break
        value = walk.opened(Node(inner, ""))[0].value
    return fields


def path_in(fields: Fields) -> str:
    """Give the path that a call's arguments name."""
    return next((v for k, v in fields.items() if KEYS.get(k) is Meaning.PATH and isinstance(v, str) and v.strip()), "")


def of_patch(text: str, path: str | None = None) -> Iterator[Event]:
    """Give what a patch of any grammar does to files."""
    yield from of_pieces(text, list(patches.files(text, path)))


def of_pieces(text: str, pieces: Sequence[Piece]) -> Iterator[Event]:
    """Give what the pieces of a patch do to files; the patch stands somewhere in the text."""
    added, moved = set(), dict(_UNIFIED_MOVE.findall(text))
    for act, name, to in _CODEX.findall(text):
        if act == "Delete":
            yield Event(act=Act.LOST, path=name.strip())
        elif act == "Add":
            added.add(name.strip())
        elif to:
            moved[name.strip()] = to.strip()
    for name, to in moved.items():
        yield Event(act=Act.MOVED, path=name, to=to)
    yield from _hunks(pieces, added)
    for name in _UNIFIED_DELETE.findall(text):
        yield Event(act=Act.LOST, path=name.strip())


def _hunks(pieces: Sequence[Piece], added: set[str]) -> Iterator[Event]:
    """Pair the old side of each hunk with the new one."""
    at = 0
    while at < len(pieces):
        piece, after = pieces[at], pieces[at + 1 : at + 2]
        if piece.kind is not PieceKind.OLD:
            yield from _added(piece, added)
        elif after and after[0].kind is PieceKind.FILE and after[0].info == piece.info:
            yield _replaced(after[0].path or "", piece.text, after[0].text, piece.info)
            at += 1
        else:
            yield _replaced(piece.path or "", piece.text, "", piece.info)
        at += 1


def _added(piece: Piece, added: set[str]) -> Iterator[Event]:
    """Read a side that nothing stood before: a new file, or lines put between others."""
    path = piece.path or ""
    found = _RANGE.match(piece.info)
    if path in added or (found and found[1] == "0") or (not piece.info and not added and piece.changed is None):
        yield Event(act=Act.WROTE, path=path, text=piece.text)
    elif found:
        yield Event(act=Act.INSERTED, path=path, text=piece.text.removesuffix("\n"), line=int(found[1]))
    else:
        yield Event(act=Act.LOST, path=path)


def _replaced(path: str, old: str, new: str, info: str) -> Event:
    found = _RANGE.match(info)
    return Event(act=Act.REPLACED, path=path, old=old, text=new, line=int(found[1]) if found else 1)


def _edits(name: str, fields: Fields, path: str) -> Iterator[Event]:
    listed = next((fields[key] for key in _LISTS if isinstance(fields.get(key), list)), None)
    command = fields.get("command")
    if isinstance(listed, list):
        for item in listed[:MAX_EDITS]:
            inner = unwrapped(item)
            yield from _edit(inner, path_in(inner) or path)
    elif path and "notebook" in normal(name):
        yield from _cell(fields, path)
    elif path and command in ("undo_edit", "delete"):
        yield Event(act=Act.LOST, path=path)
    elif path and command != "view":
        yield from _edit(fields, path, insert=command == "insert" or "insert" in normal(name))


def _edit(fields: Fields, path: str, *, insert: bool = False) -> Iterator[Event]:
    old, new, whole = (_text(fields, keys) for keys in (_OLD, _NEW, _WHOLE))
    line = next((fields[key] for key in ("insertline", "line") if type(fields.get(key)) is int), None)
    if not path:
        return
    if (insert or "insertline" in fields) and not old:
        yield from _insert(fields, path, line)
    elif old is not None and (new is not None or old):
        every = any(fields.get(key) is True for key in _EVERY)
        act = Act.REPLACED if old else Act.WROTE
        yield Event(act=act, path=path, old=old, text=new or "", every=every)
    elif any(key in fields for key in _PARTS) or fields.get("append") is True or new is not None:
        yield Event(act=Act.LOST, path=path)
    elif whole is not None:
        yield Event(act=Act.WROTE, path=path, text=whole)


def _insert(fields: Fields, path: str, line: object) -> Iterator[Event]:
    text = _text(fields, _INSERTED)
    if text is None or not isinstance(line, int) or line < 0:
        yield Event(act=Act.LOST, path=path)
    else:  # `line` says before which line, 0 being the end; `insert_line` says behind which
        before = "insertline" not in fields
        act = Act.APPENDED if before and line == 0 else Act.INSERTED
        yield Event(act=act, path=path, text=text.removesuffix("\n"), line=line - before)


def _cell(fields: Fields, path: str) -> Iterator[Event]:
    """Take a cell of a notebook for a file of its own."""
    source, cell = _text(fields, ("newsource", "newcode", "newstring")), fields.get("cellid", fields.get("cellnumber"))
    if fields.get("editmode") == "insert" or cell is None:
        return
    if fields.get("editmode") == "delete" or source is None:
        yield Event(act=Act.LOST, path=f"{path}#{cell}")
    else:
        yield Event(act=Act.WROTE, path=f"{path}#{cell}", text=source)


def _says_edit(fields: Fields) -> bool:
    """Tell arguments of a tool that nobody knows which can only be an edit."""
    return any(key in fields for key in _OLD[:3]) and any(key in fields for key in _NEW[:3])


def _patches(fields: Fields) -> Iterator[str]:
    yield from (v for k, v in fields.items() if KEYS.get(k) is Meaning.PATCH and isinstance(v, str))


def _text(fields: Fields, keys: Sequence[str]) -> str | None:
    return next((value for key in keys if isinstance(value := fields.get(key), str)), None)
