"""Python, for the rules over comments alone: its code has detectors of its own."""

from tracevet_astgrep.languages.model import Language

PYTHON = Language(name="python", grammar="python", line_comments=("#",), block_comments=())
