"""What a statement is to the statements around it: a header, a clause, a decorator; and how it parses alone."""

import re
from dataclasses import dataclass

from tracevet_python.parse.lex import Statement

FILLER = "..."  # where code is missing; `pass` would be a finding after `except:`
HEADS = {"elif": "if _: ...", "else": "if _: ...", "except": "try: ...", "finally": "try: ...", "case": "match _:"}
FOLLOWS = {  # which clauses may follow: by what stood there last
    "if": {"elif", "else"},
    "elif": {"elif", "else"},
    "for": {"else"},
    "while": {"else"},
    "try": {"except", "finally"},
    "except": {"except", "else", "finally"},
    "tried": {"finally"},  # the `else` of a `try`
}
_WORD = re.compile(r"(?:async\s+)?(\w+|@)")
_OPENERS = frozenset(
    ("if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "match", "case")
)
_CASE = re.compile(r"case\s*(?:[^\s=.,)\]:]|\[|\().*:", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """What kind of statement it is."""

    word: str  # its first word, "@" for a decorator
    opens: bool  # it ends in a colon: its block stands below it
    clause: bool  # it belongs to a statement before it


def header_of(statement: Statement) -> Header:
    """Tell what kind of statement it is."""
    code = statement.text
    match = _WORD.match(code)
    word = match.group(1) if match else ""
    opens = word in _OPENERS and statement.code_end.endswith(":") and not statement.open
    clause = word in HEADS
    if word == "case":
        clause = bool(_CASE.match(code))
        opens = opens and clause
    return Header(word, opens, clause)


def alone(statement: Statement) -> str:
    """Complete a statement so that it can be parsed by itself."""
    header = header_of(statement)
    text = _filled(statement, header) if header.opens else statement.text
    if header.word == "case" and header.clause:
        return f"match _:\n {text}"
    if header.clause:
        text = f"{HEADS[header.word]}\n{text}"
    if header.word == "try":
        text += f"\nfinally: {FILLER}"
    if header.word == "@":
        text += f"\ndef _(): {FILLER}"
    return text


def _filled(statement: Statement, header: Header) -> str:
    filler = f"\n case _: {FILLER}" if header.word == "match" else f" {FILLER}"
    lines = [line.text for line in statement.lines]
    row = statement.row
    return "\n".join([*lines[:row], statement.code_end + filler, *lines[row + 1 :]]).lstrip(" \t\f")
