"""How the registry words things: one line, no control characters, no secrets, a name to write instead."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

LIMIT = 200  # characters of a foreign text that a message shows


class Flaw(Exception):  # noqa: N818 - not a failure of ours, but what is wrong with a plugin
    """What is wrong with a plugin, in words that need no exception class beside them."""


def one_line(text: str, limit: int = LIMIT) -> str:
    """Return the text as one printable line, cut to the limit."""
    words = " ".join(text[: limit * 20].split())
    line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def cause(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Return class and text of an exception as one line, secrets masked; never raises, whatever its `__str__` does."""
    if isinstance(error, Flaw):
        return one_line(str(error), 2 * LIMIT)
    try:
        text = str(error)
    except Exception:  # foreign code: an exception whose text can't be had still has a class
        text = ""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    shown = one_line(text)
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__


def suggestion(name: str, known: Collection[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known name, or nothing."""
    near = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def listing(names: Iterable[str]) -> str:
    """Return the names in order, or `none`."""
    return ", ".join(sorted(names)) or "none"


def thing(value: object) -> str:
    """Say what kind of thing a foreign value is, without its `__repr__`."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"an {name}" if name[:1].lower() in {*"aeiou"} else f"a {name}"
