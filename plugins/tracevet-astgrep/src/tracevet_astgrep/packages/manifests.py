"""Which packages the files that list them require: told by their content, as detectors don't learn of paths."""

import re
from collections.abc import Iterator

from tracevet_astgrep.packages.commands import bare
from tracevet_astgrep.packages.wanted import Wanted

_REQUIREMENT = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[\w, .-]*\])?[ \t]*(?P<pin>(?:===?|>=|<=|~=|!=|<|>)[^#;\n]*)?"
    r"(?:;[^\n]*)?(?:#[^\n]*)?\r?$"
)
_GO = re.compile(r"^(?:require[ \t]+|[ \t]+)(?P<name>[\w.-]++/[\w./-]++)[ \t]++v\d", re.MULTILINE)
_GEM = re.compile(r"""^[ \t]*gem[ \t(]+["'](?P<name>[\w-]+)["']""", re.MULTILINE)
_JSON_TABLE = re.compile(
    r'"(?:dependencies|devDependencies|peerDependencies|optionalDependencies|require|require-dev)"\s{0,20}:\s{0,20}\{([^{}]*)\}'
)
_JSON_NAME = re.compile(r'"(?P<name>@?[\w./-]+)"\s{0,20}:\s{0,20}"')
_TOML_TABLE = re.compile(
    r"^\[(?P<table>(?:[\w.'\"()-]*\.)?(?:dev-|build-)?dependencies)\][^\n]*\n(?P<body>(?:(?!\[)[^\n]*\n?)*)",
    re.MULTILINE,
)
_TOML_NAME = re.compile(r"^(?P<name>[\w-]+)[ \t]*=", re.MULTILINE)
_TOML_LIST = re.compile(
    r"^(?:dependencies|dev|test|docs)[ \t]*=[ \t]*\[(?P<body>(?:[^\"'\]]|\"[^\"\n]*\"|'[^'\n]*')*)", re.MULTILINE
)
_TOML_ITEM = re.compile(r"""["'](?P<name>[A-Za-z0-9][\w.-]*)""")
_FEW = 0.7  # share of lines that must read as requirements
_NO_PACKAGE = frozenset({"python", "php"})


def required(text: str, language: str) -> Iterator[Wanted]:
    """Give the packages that a file requires, in no fixed order; nothing where it is no such file."""
    reader = {"json": _json, "toml": _toml, "ruby": _ruby, "text": _text, "ini": _requirements}.get(language)
    for wanted in reader(text) if reader else ():
        if wanted.name.lower() not in _NO_PACKAGE and not wanted.name.startswith("ext-"):
            yield wanted


def _text(text: str) -> Iterator[Wanted]:
    if re.search(r"^module[ \t]+\S", text, re.MULTILINE) or _GO.search(text):
        for match in _GO.finditer(text):
            yield Wanted("go", match["name"], *match.span("name"))
        return
    yield from _requirements(text)


def _requirements(text: str) -> Iterator[Wanted]:
    """Read requirements of pip: nearly every line is one, and at least one has a version."""
    found: list[tuple[re.Match[str], int]] = []
    lines, at = 0, 0
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith(("#", "-")):
            lines += 1
            match = _REQUIREMENT.match(line)
            if match:
                found.append((match, at))
        at += len(line) + 1
    if any(match["pin"] for match, _ in found) and len(found) >= _FEW * lines:
        for match, start in found:
            yield Wanted("pypi", bare(match["name"], "pypi"), start + match.start("name"), start + match.end("name"))


def _json(text: str) -> Iterator[Wanted]:
    ecosystem = "composer" if '"require"' in text and '"dependencies"' not in text else "npm"
    for table in _JSON_TABLE.finditer(text):
        for match in _JSON_NAME.finditer(text, *table.span(1)):
            yield Wanted(ecosystem, match["name"], *match.span("name"))


def _toml(text: str) -> Iterator[Wanted]:
    for table in _TOML_TABLE.finditer(text):
        ecosystem = "pypi" if "poetry" in table["table"] else "cargo"
        for match in _TOML_NAME.finditer(text, *table.span("body")):
            yield Wanted(ecosystem, match["name"], *match.span("name"))
    for table in _TOML_LIST.finditer(text):
        for match in _TOML_ITEM.finditer(text, *table.span("body")):
            yield Wanted("pypi", match["name"], *match.span("name"))


def _ruby(text: str) -> Iterator[Wanted]:
    for match in _GEM.finditer(text):
        yield Wanted("gem", match["name"], *match.span("name"))
