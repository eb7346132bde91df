"""What decides on the findings of a snippet: the versions of bandit, its plugins, ourselves and Python's grammar."""

import sys
from importlib.metadata import version

from tracevet_python.bandit.engine import bandit_entry_points


def installed_version() -> str:
    """Name all distributions that bring checks with their versions, sorted; imports none of them."""
    sources = {id(point.dist): point.dist for point in bandit_entry_points()}  # their names are slow to read: once each
    plugins = sorted({(source.name, source.version) for source in sources.values() if source is not None})
    others = (f"{name} {number}" for name, number in plugins if name != "bandit")
    python = f"python {sys.version_info.major}.{sys.version_info.minor}"
    return "; ".join((version("tracevet-python"), f"bandit {version('bandit')}", *others, python))
