"""Put our hooks into an assistant's settings, and take them out again; all else stays as it is."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from tracevet.errors import UsageError
from tracevet.hook.places import is_ours
from tracevet.model import Json

BEFORE = ".before-tracevet"  # behind the name of the copy that `uninstall` restores


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would become of a settings file."""

    path: Path
    old: str | None  # None: there is no such file
    new: str | None  # None: it is removed
    keep: bool = False  # a copy of the old text is put beside it

    @property
    def is_none(self) -> bool:
        """Tell whether nothing would change."""
        return self.old == self.new

    def diff(self) -> str:
        """Show it as people read changes."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        lines = unified_diff(old, new, str(self.path), str(self.path))
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def apply(self) -> None:
        """Write it, whole or not at all.

        Raises:
            UsageError: the file was changed meanwhile, or can't be written.
        """
        if _read(self.path) != self.old:
            raise UsageError(f"{self.path} was changed meanwhile; nothing was written: run this again")
        try:
            if self.keep and self.old is not None:
                _write(_copy(self.path), self.old, like=self.path)
            if self.new is None:
                self.path.unlink()
            else:
                _write(self.path, self.new, like=self.path)
            if not self.keep:
                _copy(self.path).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"{self.path} can't be written: {error.strerror}") from None


def installed(path: Path, wanted: Mapping[str, dict[str, Json]], *, version: bool) -> Change:
    """Plan to have just these entries of ours, by event; what is there already stays where it is.

    Raises:
        UsageError: the file can't be read as settings; it is left untouched.
    """
    path, old = path.resolve(), _read(path)
    data = _parsed(path, old)
    events = _events(path, data)
    hooks = {event: _without(listed, wanted.get(event)) for event, listed in events.items()}
    for event, entry in wanted.items():
        listed = hooks.setdefault(event, [])
        if entry not in listed:
            listed.append(entry)
    head: dict[str, Json] = {"version": 1} if version and "version" not in data else {}
    kept: Json = {event: listed for event, listed in hooks.items() if listed or not events[event]}
    new = {**head, **data, "hooks": kept}
    return Change(path=path, old=old, new=old if new == data else _spelled(new, old), keep=not _has_ours(events))


def uninstalled(path: Path) -> Change:
    """Plan to have none of our entries: the file as it was where nothing else was changed since.

    Raises:
        UsageError: the file can't be read as settings; it is left untouched.
    """
    path, old = path.resolve(), _read(path)
    data = _parsed(path, old)
    events = _events(path, data)
    if not _has_ours(events):
        return Change(path=path, old=old, new=old)
    left = {event: _without(listed, None) for event, listed in events.items()}
    hooks: dict[str, Json] = {event: listed for event, listed in left.items() if listed or not events[event]}
    new = {**data, "hooks": hooks} if hooks else {key: value for key, value in data.items() if key != "hooks"}
    before = _read(_copy(path))
    if before is not None and _essence(_parsed(path, before)) == _essence(new):
        return Change(path=path, old=old, new=before)
    return Change(path=path, old=old, new=None if before is None and not _essence(new) else _spelled(new, old))


def _essence(data: dict[str, Json]) -> dict[str, Json]:
    """Leave out what installing may add."""
    return {key: value for key, value in data.items() if value and (key, value) != ("version", 1)}


def _has_ours(events: Mapping[str, list[Json]]) -> bool:
    commands = (entry for listed in events.values() for entry in listed)
    return any(_without([entry], None) != [entry] for entry in commands)


def _without(listed: list[Json], wanted: Json) -> list[Json]:
    """Leave out our entries but the wanted one, and our commands among others' in one entry."""
    kept: list[Json] = []
    for entry in listed:
        if is_ours(entry):
            if entry == wanted and entry not in kept:
                kept.append(entry)
        elif isinstance(entry, dict) and isinstance(entry.get("hooks"), list):
            inner = entry["hooks"]
            others = [each for each in inner if not is_ours(each)] if isinstance(inner, list) else []
            kept.append({**entry, "hooks": others})
        else:
            kept.append(entry)
    return kept


def _events(path: Path, data: dict[str, Json]) -> dict[str, list[Json]]:
    hooks = data.get("hooks", {})
    if not isinstance(hooks, dict) or not all(isinstance(listed, list) for listed in hooks.values()):
        raise UsageError(f'{path}: its "hooks" are not lists by event; nothing was changed')
    return {event: listed for event, listed in hooks.items() if isinstance(listed, list)}


def _parsed(path: Path, text: str | None) -> dict[str, Json]:
    if text is None or not text.strip():
        return {}
    try:
        data = _loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON that can be kept as it is ({error}); nothing was changed") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path} is not a JSON object; nothing was changed")
    return data


def _loads(text: str) -> Json:
    found: Json = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refused)
    return found


def _distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _refused(word: str) -> Json:
    raise ValueError(f"{word} is no JSON")


def _spelled(data: dict[str, Json], old: str | None) -> str:
    """Write it as the file is indented."""
    found = re.search(r"\n([ \t]+)\"", old or "")
    return json.dumps(data, indent=found[1] if found else 2, ensure_ascii=False) + "\n"


def _copy(path: Path) -> Path:
    return path.with_name(path.name + BEFORE)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise UsageError(f"{path} can't be read as text in UTF-8; nothing was changed") from None


def _write(path: Path, text: str, *, like: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = like.stat().st_mode & 0o777 if like.exists() else 0o600
    file, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(file, "wb") as out:
            out.write(text.encode("utf-8", "surrogatepass"))
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
