"""The ways to give a name a value, as patterns that find the name and end where the value begins."""

import re
from typing import NamedTuple

from tracevet_secrets.engine import Match
from tracevet_secrets.names import STEMS

_NAME = rf"([\w$.\-]*(?:{STEMS})[\w$.\-]*)"
_ANNOTATION = r"(?:(?:\[\w*\])+|:[ \t]*&?[a-z][\w.\[\]|? ]{0,30}|[ \t]+string|\?)?"  # x: str, char x[], x string, x?
_OPERATOR = r"(:=|:-|=>|={1,3}|!={1,2}|<-|:|,|\(|\|\|=?|\?\?=?|[ \t](?:is|was)[ \t]:?)"

# Groups: the name; what closes it, such as `"]`; the operator.
ASSIGNED = rf"(?i){_NAME}((?:\\*[\"'`])?[ \t]*[\])]?[ \t]*){_ANNOTATION}[ \t]*{_OPERATOR}\s*"

# Where no operator stands between name and value: a group for the name of each.
OPTION, DIRECTIVE, ENVIRONMENT, TABLE, PAIR, VARIABLE, ENTRY, ELEMENT = range(1, 9)
OTHERS = "(?i)" + "|".join(
    (
        rf"(?:^|[\s\"'])--?{_NAME}[ \t]+",  # --password hunter2
        rf"(?:^|[\s;({{]){_NAME}[ \t]+[\"']",  # password "…"; #define PASSWORD "…"; ends one byte inside the value
        rf"(?:^|\n)[ \t]*(?:ENV|ARG|setenv|setx)[ \t]+{_NAME}[ \t]+",
        rf"\|[ \t]*[`*]*{_NAME}[`*]*[ \t]*\|[ \t]*`?",  # | password | … |
        rf"[\s{{<,]?(?:name|key|id|property)[\"']?\s*[:=]\s*[\"']?{_NAME}[\"']?[\s,;/]{{1,40}}"
        rf"[\"']?(?:value|useValue|default|content)[\"']?\s*[:=]\s*",  # name: PASSWORD, value: …
        rf"variable\s+\"{_NAME}\"\s*\{{[^{{}}]{{0,200}}default\s*=\s*",  # Terraform
        rf"(?:<key>|[ \t](?:name|key)=\"){_NAME}(?:</key>\s*<string>|\"[^<>\n]{{0,60}}>\s*(?:<value>)?)",  # plist
        rf"<{_NAME}(?:\s[^<>\n]{{0,100}})?>\s*",  # <password>…
    )
)

_WEAK = frozenset((b"==", b"===", b"!=", b"!==", b",", b"is", b"was", b"is :", b"was :"))
_PLAIN = frozenset((b"=", b":="))
_QUOTES = b"\"'`"
_LOOKUP = re.compile(rb"(?:environ\.get|getenv|\benv)\([\"']\Z", re.IGNORECASE)  # its second argument is the default
_FIRST = re.compile(rb".{0,2}[(\[{]\\?[\"'`]\Z", re.DOTALL)  # ("password", …
_TARGETS = re.compile(rb"[ \t(]*(?:(?:var|let|const) \[?)?(?:[\w.]{1,40}[ \t]*,[ \t]*)+")
_NEAR = 100  # bytes before a name that are looked at


class Assigned(NamedTuple):
    """A name and an operator in the text."""

    start: int  # bytes, of the name
    name: bytes
    operator: bytes
    key: bool  # the name is in quotes, or a subscript
    value: int  # bytes: where the value begins
    lines: bool  # the value begins on a later line

    @classmethod
    def of(cls, data: bytes, match: Match) -> "Assigned":
        """Read a match of `ASSIGNED`."""
        (start, end), (first, last), (op, after) = (match.span(group) for group in (1, 2, 3))
        value = match.span()[1]
        key = any(quote in data[first:last] for quote in _QUOTES)
        return cls(
            start, data[max(start, end - _NEAR) : end], data[op:after].strip(), key, value, b"\n" in data[after:value]
        )

    def is_weak(self, data: bytes) -> bool:
        """Say whether name and value merely stand side by side: compared, in a sentence, in a pair."""
        return self.operator in _WEAK and not _LOOKUP.search(data, max(0, self.start - 20), self.start)

    def is_possible(self, data: bytes) -> bool:
        """Say whether this is no urn, and a comma only joins the two to a pair."""
        if self.operator == b":" and data[self.start - 1 : self.start] == b":":
            return False
        return self.operator != b"," or (self.key and bool(_FIRST.match(data, max(0, self.start - 3), self.start)))

    def names_before(self, data: bytes) -> int:
        """Count the names before this one in the target list of an assignment, as in `user, password = …`."""
        if self.operator not in _PLAIN:
            return 0
        head = _TARGETS.fullmatch(data, max(data.rfind(b"\n", 0, self.start) + 1, self.start - _NEAR), self.start)
        return head[0].count(b",") if head else 0
