"""One thing that stands in a tool's arguments or result."""

from dataclasses import dataclass

from tracevet.extract.tools import Meaning
from tracevet.extract.walk import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One string (or list of words) of a tool's arguments or result, and what is known of it."""

    node: Node
    meaning: Meaning
    path: str | None = None
    language: str = ""  # where the tool or another argument says so
    before: str | None = None  # the text that it replaces
