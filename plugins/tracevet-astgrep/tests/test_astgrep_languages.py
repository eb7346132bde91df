"""The tables of the languages name only what their grammars know."""

import pytest
from ast_grep_py import SgNode, SgRoot

from tracevet_astgrep.languages import LANGUAGES, Language

WITH_GRAMMAR = [language for language in LANGUAGES.values() if language.grammar]


@pytest.mark.parametrize("language", WITH_GRAMMAR, ids=lambda language: language.name)
def test_every_kind_of_node_that_is_searched_for_exists_in_the_grammar(language: Language) -> None:
    flow = language.flow
    kinds = {each.kind for each in (*flow.bindings, *flow.parameters)} | {each.kind for each in flow.calls}
    kinds |= language.comment_kinds | (flow.names if flow.bindings else set())
    root = SgRoot("", language.grammar).root()
    unknown = [kind for kind in sorted(kinds) if not _known(root, kind)]
    assert not unknown


@pytest.mark.parametrize("language", WITH_GRAMMAR, ids=lambda language: language.name)
def test_wrappers_close_what_they_open(language: Language) -> None:
    for head, tail in language.wrappers:
        root = SgRoot(head + tail, language.grammar).root()
        assert not root.find_all(kind="ERROR"), (head, tail)


def _known(root: SgNode, kind: str) -> bool:
    try:
        root.find_all(kind=kind)
    except RuntimeError:
        return False
    return True
