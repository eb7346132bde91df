"""Did flagged code reach the repository: git, read safely, and code compared by its normal form."""

from tracevet.repository.diff import Change, changes
from tracevet.repository.git import Blob, Repository
from tracevet.repository.reach import Found, reach
from tracevet.repository.search import Hit, Needle, Needles
from tracevet.repository.tokens import tokens

__all__ = ["Blob", "Change", "Found", "Hit", "Needle", "Needles", "Repository", "changes", "reach", "tokens"]
