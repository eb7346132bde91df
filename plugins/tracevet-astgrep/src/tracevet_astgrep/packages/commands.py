"""Which packages shell commands install."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracevet_astgrep.packages.wanted import Wanted

_PARTS = re.compile(
    r"""(?P<joined>\\\r?\n)|(?P<comment>(?<![^\s;])\#[^\n]*)|(?P<end>[\n;|&()`]+|\$\()"""
    r"""|(?P<word>(?:[^\s'";|&()`\\$]|\\[^\r\n]|\$(?!\()|'[^'\n]*'|"[^"\n]*"|['"])+)"""
)
_BEFORE = re.compile(
    r"[A-Za-z_]\w*=.*|sudo|RUN|\$|!|%|time|exec|command|env|nohup|then|do|else|if|-[A-Za-z]+|--[a-z-]+", re.DOTALL
)
_PYTHON = re.compile(r"(?:.*/)?(?:python|py|pypy)[0-9.]*")
_PIP = re.compile(r"[!%]?(?:.*/)?pip[0-9.]*")
_VERSION = re.compile(r"[=<>~!;\[ @].*", re.DOTALL)
_VALUED = frozenset(
    [
        *("-r", "--requirement", "-c", "--constraint", "-i", "-f", "--find-links"),
        *("-t", "--target", "--prefix", "--root", "--python", "-p", "--registry", "-C", "--cwd", "--dir", "-v"),
        *("--version", "--source", "--git", "--branch", "--rev", "--tag", "--path", "--features", "-F", "--package"),
        *("-n", "--name", "--channel", "--index", "--group", "-G", "--filter", "-w", "--workspace", "-o"),
    ]
)


class _Word(NamedTuple):
    text: str
    start: int
    end: int


# The program and the words after it that install; what follows are packages of an ecosystem.
_INSTALLERS: Mapping[tuple[str, ...], str] = {
    **dict.fromkeys([("pip", "install"), ("pip", "download"), ("pipx", "install"), ("pipx", "run")], "pypi"),
    **dict.fromkeys([("uv", "add"), ("uv", "pip", "install"), ("uv", "tool", "install"), ("uvx",)], "pypi"),
    **dict.fromkeys([("poetry", "add"), ("pdm", "add"), ("rye", "add"), ("pipenv", "install")], "pypi"),
    **dict.fromkeys([("npm", "install"), ("npm", "i"), ("npm", "add"), ("npx",), ("npm", "exec")], "npm"),
    **dict.fromkeys([("pnpm", "add"), ("pnpm", "install"), ("pnpm", "i"), ("pnpm", "dlx"), ("pnpx",)], "npm"),
    **dict.fromkeys([("yarn", "add"), ("yarn", "dlx"), ("yarn", "global", "add")], "npm"),
    **dict.fromkeys([("bun", "add"), ("bun", "install"), ("bunx",)], "npm"),
    **dict.fromkeys([("cargo", "add"), ("cargo", "install")], "cargo"),
    **dict.fromkeys([("go", "get"), ("go", "install")], "go"),
    **dict.fromkeys([("gem", "install"), ("bundle", "add")], "gem"),
    **dict.fromkeys([("apt", "install"), ("apt-get", "install"), ("aptitude", "install")], "apt"),
    **dict.fromkeys([("apk", "add"), ("dnf", "install"), ("yum", "install")], "apt"),
    ("composer", "require"): "composer",
    ("dotnet", "add", "package"): "nuget",
    ("brew", "install"): "brew",
    **dict.fromkeys([("conda", "install"), ("mamba", "install")], "conda"),
}
_ONE = frozenset({"uvx", "npx", "pnpx", "bunx", "run", "dlx", "exec"})  # what comes after the package is for it


def installed(text: str) -> Iterator[Wanted]:
    """Give the packages that the commands of a text install, in its order."""
    for words in _commands(text):
        yield from _of_command(words)


def _commands(text: str) -> Iterator[list[_Word]]:
    words: list[_Word] = []
    for part in _PARTS.finditer(text):
        if part.lastgroup == "word":
            words.append(_Word(re.sub(r"""["']|\\(?=.)""", "", part.group()), part.start(), part.end()))
        elif part.lastgroup == "end":
            yield words
            words = []
    yield words


def _of_command(words: Sequence[_Word]) -> Iterator[Wanted]:
    at = 0
    while at < len(words) and _BEFORE.fullmatch(words[at].text):
        at += 1
    names = [_plain(word.text) for word in words[at : at + 8]]
    if len(names) > 2 and _PYTHON.fullmatch(names[0]) and names[1] == "-m":  # noqa: PLR2004  # python -m pip
        at, names = at + 2, names[2:]
    given = [(n, name) for n, name in enumerate(names) if not name.startswith("-")]
    for count in (3, 2, 1):
        head = tuple(name for _, name in given[:count])
        if len(head) == count and head in _INSTALLERS:
            rest = words[at + given[count - 1][0] + 1 :]
            yield from _packages(rest, _INSTALLERS[head], one=head[-1] in _ONE)
            return


def _plain(word: str) -> str:
    return "pip" if _PIP.fullmatch(word) else word.rsplit("/", 1)[-1].lstrip("!%")


def _packages(words: Sequence[_Word], ecosystem: str, *, one: bool) -> Iterator[Wanted]:
    skip = False
    for word in words:
        if skip or word.text.startswith("-"):
            skip = not skip and (word.text in _VALUED or word.text.endswith("-url"))
            continue
        if word.text[:1] not in {"<", ">"} and (name := bare(word.text, ecosystem)):
            yield Wanted(ecosystem, name, word.start, word.end)
        if one:
            return


def bare(text: str, ecosystem: str) -> str:
    """Give a package's name without version and extras; "" where it is a file, or a variable."""
    if text.startswith((".", "/", "~")) or "$" in text or text.endswith((".whl", ".tar.gz", ".tgz", ".deb", ".txt")):
        return text if "://" in text else ""
    if "://" in text or text.startswith(("git+", "git@")):
        return text
    if ecosystem == "npm" and text.startswith("@"):
        scope, slash, rest = text.partition("/")
        return f"{scope}{slash}{rest.partition('@')[0]}"
    return _VERSION.sub("", text, count=1).rstrip(",")
