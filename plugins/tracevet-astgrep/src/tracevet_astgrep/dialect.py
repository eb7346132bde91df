"""Rewritings before the parse that keep every character at its place."""

import re

_BLANK = re.compile(r"[^\n]")
_RUST_MACRO = re.compile(r"\b(\w+)!([(])")  # read as a call, as the tokens of a macro are no tree
_PHP_TAG = re.compile(r"<\?(?:php\b|=)?|\?>")

_ECHO = "echo "


def rewrite(name: str, text: str) -> str:
    """Give the text as the grammar wants it, of the same length."""
    if name == "rust":
        return _RUST_MACRO.sub(r"\1 \2", text)
    return _php(text) if name == "php" else text


def _php(text: str) -> str:
    """Blank the HTML around PHP; `<?= x ?>` becomes an echo where there is room for the word."""
    tags = list(_PHP_TAG.finditer(text))
    if not tags:
        return text
    inside = tags[0][0] == "?>"  # the opening tag was cut off
    out, at = [], 0
    for tag in tags:
        between = text[at : tag.start()]
        closes = tag[0] == "?>"
        out.append(between if inside or (closes and not inside) else _BLANK.sub(" ", between))
        out.append("; " if closes else " " * len(tag[0]))
        if tag[0] == "<?=":
            _say_echo(out)
        inside, at = not closes, tag.end()
    out.append(text[at:] if inside else _BLANK.sub(" ", text[at:]))
    return "".join(out)


def _say_echo(out: list[str]) -> None:
    before = "".join(out)
    free = before[-len(_ECHO) :]
    if free.isspace() and len(free) == len(_ECHO):
        out[:] = [before[: -len(_ECHO)] + _ECHO]
    elif free.startswith("; "):
        out[:] = [before[: 1 - len(_ECHO)] + _ECHO.rstrip()]
