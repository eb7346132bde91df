"""A package that something asks for."""

from typing import NamedTuple


class Wanted(NamedTuple):
    """A name as it is written, what it is a name of, and where it stands."""

    ecosystem: str  # "pypi", "npm", "cargo", "go", "gem", "apt", "composer", "nuget", "brew" or "conda"
    name: str
    start: int  # characters, 0-based
    end: int  # exclusive
