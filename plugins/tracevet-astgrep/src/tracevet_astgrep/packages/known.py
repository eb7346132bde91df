"""The list of known packages: what is on it, and what only looks like it."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tracevet import ConfigError

ECOSYSTEMS = frozenset({"pypi", "npm", "cargo", "go", "gem", "apt", "composer", "nuget", "brew", "conda"})
_MOST = 5_000_000  # characters of a list
_SHORT = 4  # characters below which names are alike by chance


class Known:
    """Names of packages, each for one ecosystem (`npm:lodash`) or for all of them; `*` stands for any characters."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the list.

        Raises:
            ConfigError: a name is for an ecosystem that there is none of.
        """
        rows = [_row(name) for name in names if name.strip()]
        self._names = {row for row in rows if "*" not in row[1]}
        self._patterns = tuple(row for row in rows if "*" in row[1])
        self._near = {(ecosystem, part): name for ecosystem, name in sorted(self._names) for part in _parts(name)}

    def __bool__(self) -> bool:
        """Tell whether there is a list at all."""
        return bool(self._names or self._patterns)

    def has(self, ecosystem: str, name: str) -> bool:
        """Tell whether a package is on the list."""
        name = normal(name)
        if (ecosystem, name) in self._names or ("", name) in self._names:
            return True
        return any(where in {"", ecosystem} and fnmatchcase(name, pattern) for where, pattern in self._patterns)

    def like(self, ecosystem: str, name: str) -> str:
        """Give a name on the list that another one could be taken for: a letter is missing, added, changed or moved."""
        parts = list(_parts(normal(name)))
        found = (self._near.get((where, part)) for part in parts for where in (ecosystem, ""))
        return next(filter(None, found), "")


def read_list(path: Path) -> list[str]:
    """Read names from a file, one a line; `#` starts a comment.

    Raises:
        ConfigError: it can't be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise ConfigError(f"{path}: can't be read: {reason}") from None
    if len(text) > _MOST:
        raise ConfigError(f"{path}: too large; the limit is {_MOST:,} characters")
    return [name for line in text.splitlines() if (name := line.partition("#")[0].strip())]


def normal(name: str) -> str:
    """Spell a name as registries compare it: lower-case, and `-` for `_` and `.`; addresses stay."""
    return name.lower() if "/" in name else re.sub(r"[-_.]+", "-", name.lower())


def _row(text: str) -> tuple[str, str]:
    ecosystem, colon, name = text.strip().partition(":")
    if not colon or name.startswith("//"):
        return "", normal(text.strip())
    if ecosystem not in ECOSYSTEMS:
        raise ConfigError(f"packages: no ecosystem {ecosystem[:40]!r}; known: {', '.join(sorted(ECOSYSTEMS))}")
    return ecosystem, normal(name)


def _parts(name: str) -> Iterator[str]:
    """Give a name, and the name without each of its characters; two names that share one are a letter apart."""
    if len(name) < _SHORT or len(name) > 80:  # noqa: PLR2004  # nobody mistakes longer ones
        return
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
