"""Loads plugin after plugin, and settles who has which name."""

import re
from collections.abc import Collection, Iterable
from importlib.metadata import EntryPoint
from itertools import groupby
from typing import Any, TypeVar

from tracevet.registry.loading import Brought, load
from tracevet.registry.model import Broken, Clash, Entry, Pack, Source

Named = TypeVar("Named", Entry[Any], Pack)


def load_all(
    found: Iterable[tuple[Source, EntryPoint] | Broken], block: Collection[str]
) -> tuple[list[Brought], list[Broken], list[Source]]:
    """Load the plugins by name; return what they brought, which are broken, and which were blocked, not imported."""
    brought, broken, blocked = list[Brought](), list[Broken](), list[Source]()
    barred = {_canonical(name) for name in block}
    for item in sorted(found, key=_place):
        source = item if isinstance(item, Broken) else item[0]
        if {_canonical(source.plugin), _canonical(source.distribution)} & barred:
            blocked.append(source)
            continue
        outcome = item if isinstance(item, Broken) else load(*item)
        if isinstance(outcome, Broken):
            broken.append(outcome)
        else:
            brought.append(outcome)
    return brought, broken, blocked


def settle(things: Iterable[Named]) -> tuple[list[Named], list[Clash]]:
    """Return the things whose name nothing else of their kind has, by kind and name, and the clashes of the others.

    The sources of a clash stay in the order of the things.
    """
    kept, clashes = list[Named](), list[Clash]()
    for (kind, name), group in groupby(sorted(things, key=_label), key=_label):
        same = list(group)
        if len(same) == 1:
            kept += same
        else:
            clashes.append(Clash(kind=kind, name=name, sources=tuple(same)))
    return kept, clashes


def _place(item: tuple[Source, EntryPoint] | Broken) -> tuple[str, str, str]:
    source = item if isinstance(item, Broken) else item[0]
    return source.plugin, source.distribution, source.target


def _label(thing: Entry[Any] | Pack) -> tuple[str, str]:
    return thing.kind, thing.name


def _canonical(name: str) -> str:
    """Distributions are spelled in many ways, and all of them mean the same (PyPA name normalization)."""
    return re.sub(r"[-_.]+", "-", name).lower()
