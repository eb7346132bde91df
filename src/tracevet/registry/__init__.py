"""Loads plugins: a broken one costs only itself, and is shown."""

from tracevet.registry.model import KINDS, Broken, Clash, Entry, Option, Pack, Source
from tracevet.registry.options import checked
from tracevet.registry.registry import Registry

__all__ = ["KINDS", "Broken", "Clash", "Entry", "Option", "Pack", "Registry", "Source", "checked"]
