"""Our corpus: pairs of weak code and its repair, and clean code that looks dangerous.

A file is named after its language and holds entries that begin with `=== `. Of a pair the heading is
`=== CWE-89 style held: title`; `held` pairs are never looked at when rules are mended. The weak line ends with `⟵`, and
`--- fixed` begins the repair. The corpora of the plugins are read from where they stand.
"""

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from types import ModuleType

MARK = " ⟵"
_HERE = Path(__file__).parent
_PLUGINS = _HERE.parents[1] / "plugins"
_HEAD = re.compile(r"(CWE-\d+) (?:(\w+)(?: (held))?: )?(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Weak code and the same code repaired."""

    language: str
    cwe: str
    title: str
    style: str  # function, class, script, edit, notebook, truncated …; "" where nobody said
    held: bool  # set aside: rules are not mended by it
    source: str  # the corpus it stands in
    weak: str
    repaired: str
    lines: frozenset[int]  # of the weakness, 1-based


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """Code that looks dangerous, and is not."""

    language: str
    title: str
    source: str
    text: str


@cache
def pairs() -> tuple[Pair, ...]:
    """Give all pairs, our own first."""
    return (*_own_pairs(), *_astgrep_pairs(), *_flow_pairs())


@cache
def clean() -> tuple[Clean, ...]:
    """Give all clean code, our own first."""
    return (*_own_clean(), *_astgrep_clean(), *_flow_clean())


def _own_pairs() -> Iterator[Pair]:
    for file in sorted((_HERE / "pairs").glob("*.txt")):
        for heading, body in _entries(file):
            yield _pair(file.stem, heading, body, "corpus")


def _own_clean() -> Iterator[Clean]:
    for file in sorted((_HERE / "clean").glob("*.txt")):
        for heading, body in _entries(file):
            yield Clean(language=file.stem, title=heading, source="corpus", text=body)


def _astgrep_entries() -> Iterator[tuple[str, str, str]]:
    for file in sorted((_PLUGINS / "tracevet-astgrep/tests/corpus").glob("*.txt")):
        for heading, body in _entries(file):
            yield file.stem, heading, body


def _astgrep_pairs() -> Iterator[Pair]:
    for language, heading, body in _astgrep_entries():
        if not heading.startswith("clean"):
            yield _pair(language, heading, body, "astgrep")


def _astgrep_clean() -> Iterator[Clean]:
    for language, heading, body in _astgrep_entries():
        if heading.startswith("clean"):
            yield Clean(language=language, title=heading, source="astgrep", text=body)


def _flow_pairs() -> Iterator[Pair]:
    for number, each in enumerate(_flow().pairs()):
        yield Pair(
            language="python",
            cwe=each.cwe,
            title=f"flow {number} {each.style}",
            style=each.style,
            held=False,
            source="flow",
            weak=each.weak,
            repaired=each.repaired,
            lines=frozenset({each.line}),
        )


def _flow_clean() -> Iterator[Clean]:
    for title, text in _flow().clean():
        yield Clean(language="python", title=title, source="flow", text=text)


def _flow() -> ModuleType:
    """Load the Python plugin's corpus by its path: its tests are no package."""
    name = "_flow_corpus_of_tracevet_python"
    if name not in sys.modules:
        path = _PLUGINS / "tracevet-python/tests/flow_corpus/corpus.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    for entry in ("\n" + file.read_text("utf-8")).split("\n=== ")[1:]:
        heading, _, body = entry.partition("\n")
        yield heading, body.rstrip("\n") + "\n"


def _pair(language: str, heading: str, body: str, source: str) -> Pair:
    head = _HEAD.fullmatch(heading)
    weak, divided, repaired = body.partition("--- fixed\n")
    if head is None or not divided:
        raise ValueError(f"{language}: {heading}: a pair needs a CWE, a title and a line '--- fixed'")
    if head[2] == "edit":
        weak, repaired = _applied(weak), _applied(repaired)
    plain = weak.replace(MARK, "")
    return Pair(
        language=language,
        cwe=head[1],
        title=head[4],
        style=head[2] or "",
        held=bool(head[3]),
        source=source,
        weak=plain,
        repaired=repaired,
        lines=_marked(weak) or _changed(plain, repaired),
    )


def _applied(patch: str) -> str:
    """Give what a patch leaves, as extractors do: its added and its unchanged lines."""
    lines = patch.split("\n")
    if not any(line.startswith(("+", "-")) for line in lines):
        return patch
    return "\n".join(line[1:] for line in lines if not line.startswith("-"))


def _marked(weak: str) -> frozenset[int]:
    return frozenset(number for number, line in enumerate(weak.split("\n"), 1) if line.endswith(MARK))


def _changed(weak: str, repaired: str) -> frozenset[int]:
    """Give the lines that the repair changes, and those beside which it adds something."""
    old, new = weak.split("\n"), repaired.split("\n")
    lines: set[int] = set()
    for tag, start, end, _, _ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            lines |= set(range(start + 1, max(end, start + 1) + 1))
    return frozenset(line for line in lines if line <= len(old))
