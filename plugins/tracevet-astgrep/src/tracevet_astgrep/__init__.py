"""A detector for many languages: rules as data, matched on the syntax trees of whole files and broken fragments."""

from tracevet_astgrep.detector import AstGrepDetector
from tracevet_astgrep.hooks import register_detectors

__all__ = ["AstGrepDetector", "register_detectors"]
