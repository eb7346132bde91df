"""Finds the entry points of installed distributions; one that can't be read is a result, too."""

from collections.abc import Iterable, Iterator
from importlib import metadata

from tracevet.hookspecs import PROJECT
from tracevet.registry.model import Broken, Source
from tracevet.registry.words import Flaw, cause, one_line

UNKNOWN = "unknown"
FILE = "entry_points.txt"
Found = tuple[Source, metadata.EntryPoint]


def installed() -> Iterator[Found | Broken]:
    """Yield the entry points of the group `tracevet`, of each distribution the copy that Python would import.

    `importlib.metadata.entry_points` is not used: one malformed file of any distribution makes it raise.
    """
    names = set()
    for distribution in metadata.distributions():
        try:
            if _mentions_us(distribution):
                names.add(_name(distribution))
        except Exception as error:  # foreign metadata, broken in whatever way
            yield _unreadable(UNKNOWN, error)
    for name in sorted(names):
        try:
            yield from given(metadata.distribution(name).entry_points)
        except Exception as error:  # foreign metadata, broken in whatever way
            yield _unreadable(name, error)


def given(points: Iterable[metadata.EntryPoint]) -> Iterator[Found]:
    """Yield each entry point of the group with its source."""
    for point in points:
        if point.group == PROJECT:
            name, version = (_name(point.dist), _version(point.dist)) if point.dist else (UNKNOWN, UNKNOWN)
            yield Source(plugin=point.name, distribution=name, version=version, target=one_line(point.value)), point


def _mentions_us(distribution: metadata.Distribution) -> bool:
    """Look before parsing: most distributions have nothing to do with us, and may be as malformed as they like."""
    return f"[{PROJECT}]" in (distribution.read_text(FILE) or "")


def _name(distribution: metadata.Distribution) -> str:
    values = distribution.metadata.get_all("Name")
    if not values:
        raise Flaw("a distribution with plugins has no name in its metadata")
    return one_line(values[0])


def _version(distribution: metadata.Distribution) -> str:
    return one_line((distribution.metadata.get_all("Version") or [UNKNOWN])[0])


def _unreadable(name: str, error: Exception) -> Broken:
    return Broken(plugin=name, distribution=name, version=UNKNOWN, target=FILE, stage="metadata", cause=cause(error))
