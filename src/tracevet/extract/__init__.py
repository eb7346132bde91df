"""What any assistant wrote, from any platform: snippets, files, gaps, and who and where."""

from tracevet.extract.bench import rebuild
from tracevet.extract.context import join_context, read_context
from tracevet.extract.events import Work, work
from tracevet.extract.past import Resent
from tracevet.extract.rebuilt import Edit, Left, Placed, Rebuilt, normal_path
from tracevet.extract.standard import Begun, StandardExtractor

__all__ = [
    "Begun",
    "Edit",
    "Left",
    "Placed",
    "Rebuilt",
    "Resent",
    "StandardExtractor",
    "Work",
    "join_context",
    "normal_path",
    "read_context",
    "rebuild",
    "work",
]
