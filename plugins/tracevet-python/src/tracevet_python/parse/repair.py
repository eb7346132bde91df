"""The names of what may have been done to a text before it parsed."""

from enum import StrEnum


class Repair(StrEnum):
    """One kind of repair."""

    INDENTED = "indented"  # parsed as the body of a block
    JOINED = "joined"  # read on from the prompt that it continues
    CHARACTERS = "characters"  # blanks, quotes and dashes of typography, NUL, half surrogates, terminal colours
    FENCE = "fence"  # fence lines and conflict markers taken away
    DIFF = "diff"  # markers of added and kept lines cut, removed lines and headers taken away
    PROMPTS = "prompts"  # prompts of an interpreter or shell cut, output taken away
    NUMBERS = "numbers"  # line numbers cut
    MAGICS = "magics"  # lines and cells that only a notebook runs taken away
    ELLIPSIS = "ellipsis"  # marks of code left out by the author taken away
    PLACEHOLDERS = "placeholders"  # redaction marks and `<...>` read as names
    BLOCKS = "blocks"  # indentation made consistent, blocks filled, clauses led
    CUT = "cut"  # brackets, strings and headers completed where the text is cut
    OLD = "old"  # Python 2 read as Python 3
    NEW = "new"  # syntax of a later Python read as this one's
    LEFT_OUT = "left out"  # lines that no repair made parse
