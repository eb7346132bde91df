"""Where a text holds what must not leave: the generic floor under what detectors find.

Every pattern is linear on any text: repeats are bounded, possessive, or end only where they consumed.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = (
    r"(?:pass(?:word|wd|phrase|code)|(?<!get)pass(?![a-z])|pwd|secret(?!ar)|token(?!i[zs])|credential|authorization"
    r"|api[_-]?key|(?:access|secret|private|signing|encryption|auth|account)[_-]?key|conn(?:ection)?[_-]?str)"
)
_QUOTED = (  # up to the closing mark, or to the end of the line or text where it is missing
    r"""(?:(?P<fence>\"\"\"|'{3}|`)(?P<long>(?:(?!(?P=fence))(?:\\[\s\S]|[^\\]))*+)(?P=fence)?"""
    r"""|(?P<quote>\\{0,4}["'])(?P<short>(?:(?!(?P=quote))(?:\\[\s\S]|[^\\\n]))*+)(?P=quote)?)"""
)
_ASSIGNED = re.compile(  # password = "…", "password": "…", env["TOKEN"] = '…', setPassword("…"), getenv("TOKEN", "…")
    _WORDS + r"""[\w-]{0,40}(?P<end>\\{0,4}["'`])?\s{0,4}\]?\s{0,4}(?::\s{0,4}[A-Za-z_][\w.\[\]|, ]{0,60}(?==))?"""
    r"""(?:(?(end),|(?!))|:=|=>|={1,3}|!={1,2}|:|\(|<-)\s{0,8}(?P<paren>\(\s{0,80})?[@$A-Za-z]{0,3}""" + _QUOTED,
    re.IGNORECASE,
)
_CONTINUED = re.compile(r"(?:[ \t]{1,20}|[ \t]{0,20}(?:\+\s{0,80}|\\\r?\n[ \t]{0,80}))[A-Za-z]{0,2}" + _QUOTED)
_CONTINUED_IN_PARENS = re.compile(r"(?:\s{1,80}|\s{0,80}\+\s{0,80})[A-Za-z]{0,2}" + _QUOTED)
_PLACEHOLDER = re.compile(
    r"(?:(?:bearer|basic|token)\s{1,4})?"
    r"(?:\{(?:[A-Za-z_][\w.]*(?:\([\w., ]*\))?)?\}|\$\{[A-Za-z_]\w*\}|%s|%\(\w+\)s|\?|\*+)",
    re.IGNORECASE,
)
_CODE_BETWEEN = re.compile(r"""["']\s{0,8}(?:\+|\.|\|\||,|&)[\s\S]*(?:\+|\.|\|\||,|&)\s{0,8}["']|[)\],;\s]*""")

_TOKENS = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      (?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}
    | gh[pousr]_[A-Za-z0-9]{16,} | github_pat_[A-Za-z0-9_]{20,} | gl(?:pat|ptt|dt|rt)-[\w-]{16,}
    | xox[abeoprs]-[A-Za-z0-9-]{8,} | xapp-[A-Za-z0-9-]{16,}
    | sk-[A-Za-z0-9_-]{16,} | [srw]k_(?:live|test)_[A-Za-z0-9]{10,} | lsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}
    | AIza[0-9A-Za-z_-]{30,} | ya29\.[0-9A-Za-z_-]{20,} | hf_[A-Za-z0-9]{30,} | npm_[A-Za-z0-9]{30,}
    | pypi-[A-Za-z0-9_-]{50,} | SG\.[\w-]{16,}\.[\w-]{16,} | dop_v1_[0-9a-f]{32,} | shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}
    | eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?
    )""",
    re.VERBOSE,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
)
_IN_URL = re.compile(
    r"""(?<=://)(?:[^\s/:@"'`<>]{0,200}:(?P<secret>[^\s"'`<>/]{1,300})|(?P<token>[A-Za-z0-9_-]{20,200}))@"""
)
_UNQUOTED = (
    re.compile(  # PASSWORD=… in a shell line or .env file
        r"(?:^|[\s;&|])[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|(?:ACCESS|PRIVATE)_KEY)"
        r"[A-Z0-9_]{0,40}=(?![\w.]{0,100}[(\[])(?P<secret>[^\s\"'`;&|<>()$\[\]{}]{3,})",
        re.MULTILINE,
    ),
    re.compile(  # --password …
        r"(?<![\w-])--[\w-]{0,30}(?:password|passwd|token|secret|api-?key)[\w-]{0,20}(?:=|\s{1,4})"
        r"(?P<secret>[^\s\"'`$<>(){}\[\]|;&-][^\s\"'`|;&<>()\[\]]{2,})",
        re.IGNORECASE,
    ),
    re.compile(  # password: … in a settings file; a bare word without digit or mark is a name rather than a value
        rf"^[ \t-]{{0,40}}[\w.]{{0,40}}{_WORDS}[\w-]{{0,20}}[ \t]{{0,4}}[:=][ \t]{{0,4}}"
        r"(?P<secret>(?=[^\s]*[0-9!@#%^&*+/])[^\s\"'`(){}\[\]$<>,;]{4,})[ \t]{0,20}\r?$",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"\b(?:bearer|basic)\s{1,4}(?P<secret>[A-Za-z0-9._~+/=-]{16,})", re.IGNORECASE),
)
_EMAIL = re.compile(r"(?<![\w.+-])(?!git@)[\w.+-]++(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,24}(?![\w-])")
_HOMES = re.compile(
    r"(?:/home/|/Users/(?!Shared\b)|[A-Za-z]:(?:\\{1,4}|/)Users(?:\\{1,4}|/)(?!Public\b|Default\b)"
    r"|projects[\\/]{1,4}-(?:home|Users)-)"
    r"(?P<secret>(?<=-)[\w.@+]+|(?<!-)(?:[\w.@+-]+(?:[ ][\w.@+-]{1,30}){1,3}(?=\\)|[\w.@+-]+))"
)


class Sight(NamedTuple):
    """A stretch of text that must not leave, in characters, half-open."""

    start: int
    end: int
    hint: bool  # its ends may be shown when it is long: a credential, nothing personal


def sights(text: str) -> Iterator[Sight]:
    """Yield what looks like a credential or names a person; stretches may overlap, in no order."""
    passwords = {sight.end: sight for sight in _in_urls(text)}
    yield from passwords.values()
    yield from _credentials(text)
    for match in _EMAIL.finditer(text):
        if text.find("@", *match.span()) not in passwords:  # what stands before this @ is no name
            yield Sight(*match.span(), hint=False)
    for match in _HOMES.finditer(text):
        yield Sight(*match.span("secret"), hint=False)


def _in_urls(text: str) -> Iterator[Sight]:
    for match in _IN_URL.finditer(text):
        group = "token" if match["secret"] is None else "secret"
        if not _PLACEHOLDER.fullmatch(match[group]):
            yield Sight(*match.span(group), hint=True)


def _credentials(text: str) -> Iterator[Sight]:
    for match in _TOKENS.finditer(text):
        yield Sight(*match.span(), hint=True)
    for match in _PRIVATE_KEY.finditer(text):
        yield Sight(*match.span(), hint=False)
    for pattern in _UNQUOTED:
        for match in pattern.finditer(text):
            yield Sight(*match.span("secret"), hint=True)
    yield from _assigned(text)


def _assigned(text: str) -> Iterator[Sight]:
    """Yield quoted values given to names such as password, with the strings they are glued from."""
    at = 0
    while match := _ASSIGNED.search(text, at):
        more = _CONTINUED_IN_PARENS if match["paren"] else _CONTINUED
        literal: re.Match[str] | None = match
        while literal:
            at = literal.end()
            group = "long" if literal["long"] is not None else "short"
            if literal[group] and not _harmless(literal[group]):
                yield Sight(*literal.span(group), hint=True)
            literal = more.match(text, at)


def _harmless(value: str) -> bool:
    """Tell a placeholder, and code between two strings (`"password='" + name + "'"`), from a value."""
    return bool(_PLACEHOLDER.fullmatch(value) or _CODE_BETWEEN.fullmatch(value))
