"""`tracevet plugins new`: a distribution with a plugin that works, ready to be changed."""

from tracevet.template.naming import Naming
from tracevet.template.texts import Kind, create

__all__ = ["Kind", "Naming", "create"]
