"""Read a TOML file as plain data, and find the line on which a key stands."""

import tomllib
from pathlib import Path
from typing import Any

from tracevet.errors import ConfigError

_MAX_CHARS = 1_000_000


class TomlFile:
    """A file that was read: its data, and its lines for messages."""

    def __init__(self, text: str, source: str) -> None:
        """Parse the text; `source` is its name in messages.

        Raises:
            ConfigError: not TOML; the text names line and column.
        """
        self.source = source
        self._text = text.replace("\r\n", "\n")
        if len(text) > _MAX_CHARS:
            raise ConfigError(f"{source}: too large; the limit is {_MAX_CHARS:,} characters")
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{source}: not TOML: {self._placed(error)}") from None
        except (RecursionError, ValueError):  # a number of thousands of digits is a ValueError
            raise ConfigError(f"{source}: not TOML that can be read: nested too deep, or a number too long") from None

    def _placed(self, error: tomllib.TOMLDecodeError) -> str:
        lines = self._text.split("\n")
        return str(error).replace("at end of document", f"at the end, line {len(lines)}, column {len(lines[-1]) + 1}")

    @classmethod
    def read(cls, path: Path) -> "TomlFile":
        """Read a file in UTF-8.

        Raises:
            ConfigError: the file can't be read, or is not TOML.
        """
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: not a text file in UTF-8") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            raise ConfigError(f"{path}: can't be read: {reason}") from None
        return cls(text, str(path))

    @property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self._text.split("\n")

    def line(self, keys: tuple[str, ...]) -> int | None:
        """Give the line on which a key or table first stands, 1-based; else that of the table around it.

        Found by parsing ever longer heads of the file: the file's own grammar decides, not a guess at it.
        """
        while keys:
            if (found := self._first_line(keys)) is not None:
                return found
            keys = keys[:-1]
        return None

    def _first_line(self, keys: tuple[str, ...]) -> int | None:
        if not _holds(self.data, keys):
            return None
        lines = self._text.split("\n")
        start = 1
        for number, line in enumerate(lines, 1):
            if keys[-1] not in line and start == number:
                start += 1
                continue
            head = _parse("\n".join(lines[:number]))
            if head is not None and _holds(head, keys):
                return start
            start = start if head is None else number + 1
        return None


def _parse(head: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(head)
    except (ValueError, RecursionError):
        return None


def _holds(data: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True
