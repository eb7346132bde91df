"""Tells the language of a text by its content."""

import re
from collections.abc import Iterator

import orjson

from tracevet.extract.guess_table import LINES, MARKS, WORDS

_HEAD = 4_000  # characters that are looked at
_ENOUGH = ((5, 1.15), (3, 2.0))  # evidence needed, and by how much the best must beat the next

_SHEBANG = re.compile(r"#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:\S*/)?([a-z]+)")
_SHEBANGS = {
    "python": "python",
    "node": "javascript",
    "deno": "typescript",
    "ruby": "ruby",
    "perl": "perl",
    "php": "php",
    "pwsh": "powershell",
    **dict.fromkeys(("sh", "bash", "zsh", "dash", "ksh", "fish"), "shell"),
}
_WORD = re.compile(r"[A-Za-z_]\w*")
_FIRST = re.compile(r"([^\s\w]{0,3})([\w-]*)")
_SIGILS = "$.@<[/#"
_COMMENTS = re.compile(
    r"^[ \t]*(?://|/\*|--[ \t]|\*[/ \t](?=.*\n[ \t]*\*)|#[ \t](?!.*\n\s*\n))[^\n]*(?:\n|\Z)", re.MULTILINE
)
_KEYED = re.compile(r"^[ \t]*(?:- )?[\"']?[\w./$-]+[\"']?:(?:[ \t]+[^{;\n]*)?\r?$", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*- [^;\n]*$", re.MULTILINE)
_SETTING = re.compile(r"^[\w.\"-]+ ?= ?[^;{\n]*[^;{,\n]\r?$", re.MULTILINE)
_SECTION = re.compile(r"^\[{1,2}[\w.\"-]+(?: [\w.\"-]+)?\]{1,2}\r?$", re.MULTILINE)
_JSON = re.compile(r"\s*(?:\{\s*\"[^\"\n]{0,200}\"\s*:|\[\s*\{\s*\"[^\"\n]{0,200}\"\s*:)")
_CODE_SIGNS = ";{}()=<>[]$"
_PROSE = 0.015  # share of such signs below which a text is hardly code
_MOST = 0.7  # share of the lines that makes a text of that kind
_OWN = 5  # evidence of its own after which a language may count that of the one it extends


def _table() -> dict[str, list[tuple[str, int]]]:
    table: dict[str, list[tuple[str, int]]] = {}
    for group in (WORDS, LINES):
        for language, weights in group.items():
            for weight, features in weights.items():
                for feature in features.split():
                    table.setdefault(feature, []).append((language, weight))
    return table


_FEATURES = _table()
_MARKS = [
    (mark, tuple(mark[:3]), language, weight)
    for language, weights in MARKS.items()
    for weight, marks in weights.items()
    for mark in marks
]


def guess(text: str) -> str:
    """Tell the language of a text by its first 4,000 characters; "" when unsure, "text" for prose and plain output.

    Meant for snippets of a few lines and more; the less text, the more often the answer is "".
    """
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if not head:
        return ""
    shebang = _SHEBANG.match(head)
    if shebang:
        return _SHEBANGS.get(shebang[1], "")
    if _is_json(head, text):
        return "json"
    scores = _scores(head)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    best, score = ranked[0] if ranked else ("", 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    return best if any(score >= enough and score >= second * ahead for enough, ahead in _ENOUGH) else ""


def _is_json(head: str, text: str) -> bool:
    if head[0] not in "{[":
        return False
    if _JSON.match(head):
        return True
    try:
        orjson.loads(text.strip("\ufeff \t\r\n"))
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return False
    return True


def _scores(text: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    # What a comment says is no evidence of anything, as long as something else is left.
    head = _COMMENTS.sub("", text).strip() or text
    for feature in {*_WORD.findall(head), *_shapes(head)}:
        for language, weight in _FEATURES.get(feature, ()):
            scores[language] = scores.get(language, 0) + weight
    for language, weight in _marked("\n" + text):
        scores[language] = scores.get(language, 0) + weight
    _weigh_layout(head, scores)
    _weigh_relatives(scores)
    return scores


def _marked(text: str) -> Iterator[tuple[str, int]]:
    # Most marks aren't there; to see that by their first three signs is much faster than to search for each.
    trigrams = set(zip(text, text[1:], text[2:], strict=False))
    for mark, start, language, weight in _MARKS:
        if (start in trigrams or len(mark) < len("xyz")) and mark in text:
            yield language, weight


def _shapes(head: str) -> Iterator[str]:
    for line in filter(None, map(str.strip, head.split("\n"))):
        signs, word = _FIRST.match(line).groups()  # type: ignore[union-attr]  # it matches anything
        end = "a" if line[-1].isalnum() else line[-1]
        yield f"…{end}"
        for first in {word, "v"} if signs and word and signs[-1] in _SIGILS else {word}:
            yield f"^{signs}{first}"
            yield f"^{signs}{first}…{end}"


def _weigh_layout(head: str, scores: dict[str, float]) -> None:
    lines = max(1, sum(1 for line in head.split("\n") if line.strip() and not line.lstrip().startswith("#")))
    keyed = len(_KEYED.findall(head))
    if keyed > 1 and keyed + len(_LISTED.findall(head)) >= _MOST * lines:
        scores["yaml"] = scores.get("yaml", 0) + 10
    sections = len(_SECTION.findall(head)) if "[" in head else 0
    if sections and sections + len(_SETTING.findall(head)) >= _MOST * lines:
        scores["toml"] = scores.get("toml", 0) + 12
    if head[0] == "<":
        for language in ("html", "xml"):
            scores[language] = scores.get(language, 0) + 3
    if sum(map(head.count, _CODE_SIGNS)) < _PROSE * len(head):
        scores["text"] = scores.get("text", 0) + 3


def _weigh_relatives(scores: dict[str, float]) -> None:
    """Let a language that extends another count the other's evidence, once it has some of its own."""
    for child, parent in (("typescript", "javascript"), ("cpp", "c"), ("php", "html")):
        own = scores.get(child, 0)
        if own >= _OWN:
            scores[child] = own + scores.get(parent, 0)
        elif own:
            scores[child] = own / 2
    if scores.get("html", 0) > _OWN:
        scores["xml"] = scores.get("xml", 0) / 2
