"""Python as it comes in traces: one tolerant parse for all detectors here."""

from tracevet_python.parse.places import Places
from tracevet_python.parse.repair import Repair
from tracevet_python.parse.tree import Tree, Unparsable, parse

__all__ = ["Places", "Repair", "Tree", "Unparsable", "parse"]
