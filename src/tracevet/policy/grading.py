"""Where code counts for less: in tests and examples, in demos, and where the assistant shows it as a bad example.

Such a place costs one step of severity, and the violation says so. Words around code count where the assistant only
said it: nothing that it wrote to a file or ran can be talked down.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tracevet.model import Region, Severity, Snippet, Surface
from tracevet.policy.match import Scanned

TESTS = "It stands in a directory of tests or examples."
DEMO = "It stands in a demo, below `if __name__ == '__main__'`."
BAD_EXAMPLE = "The assistant shows it as a bad example."

Said = Mapping[tuple[str, str], str]  # span and pointer -> the whole text that the assistant said there

_NEAR = 4  # directories above a file that may say what it is for; those further up are the machine's
_ABOVE = 30  # lines of code above a finding in which a comment may speak of it
_PROSE = 600  # characters before a block
_LINES = 3  # of them, without blank ones
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testing|testdata|test_data|specs?|fixtures|examples?|samples?|demos?)/"
    r"|(?:^|/)(?:test_[^/]*|conftest|[^/]*_test|[^/]*\.(?:test|spec))\.\w+$|(?:^|/)[^/]*[a-z0-9]Tests?\.(?:java|cs|kt|php)$"
)
_MAIN = re.compile(r"""^if[ \t]+__name__[ \t]*==[ \t]*["']__main__["'][ \t]*:""", re.MULTILINE)
_OUTSIDE = re.compile(r"^[^\s#]", re.MULTILINE)
_BAD = re.compile(
    r"""❌|🚫|\b(?:don['’]?t|do\ not|never|avoid)\ (?:do(?:ing)?|us(?:e|ing)|writ(?:e|ing))\b
      | \b(?:how\ not\ to|what\ not\ to\ do)\b
      | \b(?:vulnerable|insecure|unsafe|bad|wrong|dangerous|flawed)
        \ (?:version|code|example|way|approach|practice|pattern|query|snippet)\b
      | \b(?:bad|wrong|vulnerable|insecure|unsafe|dangerous)\b\s*(?:\([^()\n]{0,60}\))?\s*\**\s*:
      | ^\W*(?:bad|wrong|vulnerable|insecure|unsafe)\W*$|\banti-?pattern\b|\bvulnerable\ to\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GOOD = re.compile(
    r"✅|\b(?:good|better|fixed|secure|safe|correct(?:ed)?|improved|recommended|instead|fix)\b"
    r"|\bnot (?:vulnerable|insecure|unsafe)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?:#|//|--|/\*|<!--|^\s*\*|;;)(.*)")
_FENCE = re.compile(r"^[\s>]*(?:```|~~~)")


def said_by(scanned: Iterable[Scanned]) -> Said:
    """Collect what the assistant said, whole, by where it stands."""
    said: dict[tuple[str, str], str] = {}
    for each in scanned:
        for place in each.places or (each.snippet,):
            whole = place.language == "text" and not place.offset and place.lines is None
            if whole and place.surface is Surface.SUGGESTED:
                said[place.span, place.pointer] = max(said.get((place.span, place.pointer), ""), place.text, key=len)
    return said


def lowered(severity: Severity) -> Severity:
    """Give the severity one step below; the lowest stays."""
    return tuple(Severity)[max(0, severity.rank - 1)]


@dataclass(frozen=True)
class Surroundings:
    """What stands around the findings in one text."""

    text: str
    language: str
    said: Said = field(default_factory=dict)
    directory: str | None = None  # of the project: what is above it says nothing of a file

    def reasons(self, place: Snippet, region: Region) -> Iterator[str]:
        """Say why code counts for less at a place."""
        if place.path and self._is_test(place.path):
            yield TESTS
        if self.language == "python" and any(start < region.start and region.end <= end for start, end in self._demos):
            yield DEMO
        if place.surface is Surface.SUGGESTED and (self._commented(region) or self._introduced(place)):
            yield BAD_EXAMPLE

    def _is_test(self, path: str) -> bool:
        path = path.replace("\\", "/")
        root = (self.directory or "").replace("\\", "/").rstrip("/")
        inner = path.removeprefix(root + "/") if root else path
        if inner == path and (path.startswith("/") or path[1:2] == ":"):
            inner = "/".join(path.split("/")[-_NEAR:])
        return bool(_TESTS.search(inner))

    @cached_property
    def _demos(self) -> tuple[tuple[int, int], ...]:
        found = []
        for match in _MAIN.finditer(self.text):
            after = _OUTSIDE.search(self.text, match.end())
            found.append((match.start(), after.start() if after else len(self.text)))
        return tuple(found[:8])

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _commented(self, region: Region) -> bool:
        first = max(0, region.start_line - _ABOVE)
        comments = (_COMMENT.search(line[:400]) for line in reversed(self._lines[first : region.start_line]))
        return _is_bad(comment.group(1) for comment in comments if comment)

    def _introduced(self, place: Snippet) -> bool:
        whole = self.said.get((place.span, place.pointer), "")
        if not place.offset or place.offset > len(whole):
            return False
        before = whole[max(0, place.offset - _PROSE) : place.offset].split("\n")
        return _is_bad(_prose(before))


def _prose(before: list[str]) -> Iterator[str]:
    """Give the lines of prose before a block, last one first, up to the end of an earlier block."""
    left = _LINES
    opened = False
    for line in reversed(before):
        if _FENCE.match(line):
            if opened:
                return
            opened = True
        elif line.strip() and left:
            left -= 1
            yield line


def _is_bad(lines: Iterable[str]) -> bool:
    """Tell whether the nearest line that judges, judges badly."""
    for line in lines:
        if _GOOD.search(line):
            return False
        if _BAD.search(line):
            return True
    return False
