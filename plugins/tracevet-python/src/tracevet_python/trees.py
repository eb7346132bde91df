"""The trees of the last texts, so that two detectors of one process parse a text once."""

from collections import OrderedDict

from tracevet_python.parse import Tree, Unparsable, parse

_MOST = 200_000  # characters of all texts whose trees are kept; a worker gets as many at a time
_trees: OrderedDict[tuple[str, str], Tree | Unparsable] = OrderedDict()


def tree_of(text: str, prefix: str = "") -> Tree | Unparsable:
    """Give what `parse` gives of a text. Who asks may note things on its nodes, and changes nothing else.

    Not for several threads at once.
    """
    key = (text, prefix)
    known = _trees.pop(key, None)
    if known is None:
        known = parse(text, prefix)
    if len(text) <= _MOST:
        _trees[key] = known
        while sum(len(each) for each, _ in _trees) > _MOST:
            _trees.popitem(last=False)
    return known


def forget() -> None:
    """Keep no tree."""
    _trees.clear()
