"""What decides on findings, as one text."""

import sys
from importlib.metadata import version


def installed_version() -> str:
    """Name the versions of this distribution and of the Python that parses."""
    return f"{version('tracevet-python')}; rules 2; python {sys.version_info.major}.{sys.version_info.minor}"
