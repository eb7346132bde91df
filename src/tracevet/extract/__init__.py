"""What any assistant wrote, from any platform: snippets, gaps, and who and where."""

from tracevet.extract.context import join_context, read_context
from tracevet.extract.standard import StandardExtractor

__all__ = ["StandardExtractor", "join_context", "read_context"]
