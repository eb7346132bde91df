"""The detector `patterns`: what policies bring as data."""

from tracevet_astgrep.patterns.detector import PatternsDetector

__all__ = ["PatternsDetector"]
