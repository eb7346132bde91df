"""Search in a tree, by a rule that comes from data."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode


def matches(root: "SgNode", config: Mapping[str, Any]) -> list["SgNode"]:
    """Find all nodes that a rule in ast-grep's own form matches, in the order of the text.

    Raises:
        RuntimeError: ast-grep can't read the rule, or the grammar does not know a kind of it.
    """
    return root.find_all(cast("Config", dict(config)))


def of_kinds(root: "SgNode", kinds: Iterable[str]) -> list["SgNode"]:
    """Find all nodes of some kinds, in the order of the text."""
    return matches(root, {"rule": {"any": [{"kind": kind} for kind in sorted(kinds)]}})
