"""Which versions of tracevet a plugin is made for, by what its distribution requires."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tracevet.hookspecs import PROJECT
from tracevet.registry.words import Flaw, one_line


def check(distribution: metadata.Distribution | None) -> None:
    """Pass a plugin whose distribution requires no other version of tracevet than this one.

    Nothing of the plugin is imported. One that requires no version, or comes without a distribution, passes.

    Raises:
        Flaw: it is made for other versions; the text says what to install.
    """
    here = _version()
    if distribution is None or not here:
        return
    for wanted in _ranges(distribution.requires or ()):
        if not wanted.contains(here, prereleases=True):
            name = one_line(distribution.name)
            raise Flaw(
                f"it is made for {PROJECT}{wanted}, and this is {PROJECT} {here}; run: pip install --upgrade {name}, "
                f"or: pip install '{PROJECT}{wanted}'"
            )


@cache
def _version() -> str:
    """Give the host's version; "" where it runs without being installed."""
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:
        return ""


def _ranges(requirements: Iterable[str]) -> Iterator[SpecifierSet]:
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:  # installers refuse it, too; whether the plugin works will show
            continue
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if canonicalize_name(wanted.name) == PROJECT and applies:
            yield wanted.specifier
