"""The command line: parses, calls, prints; logic lives below."""

from tracevet.cli.app import main

__all__ = ["main"]
