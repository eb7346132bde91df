"""Tool calls in XML are found with their parameters exactly as they stand in the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import xmltools
from tracevet.extract.piece import PieceKind

WRITE = """Sure.
<write_to_file>
<path>app/db.py</path>
<content>
import os
x = "</content>"
y = "<path>z</path></write_to_file>"
</content>
<line_count>3</line_count>
</write_to_file>
<execute_command>
<command>python app/db.py && ls > x</command>
<requires_approval>false</requires_approval>
</execute_command>
Done."""
SEARCH = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
ROO = f"""<apply_diff>
<args>
<file>
<path>a.py</path>
<diff>
<content><![CDATA[
{SEARCH}]]></content>
<start_line>1</start_line>
</diff>
</file>
<file><path>b.py</path><diff><content>zz</content></diff></file>
</args>
</apply_diff>"""
CALLS = [
    pytest.param(
        WRITE,
        [
            (
                "write_to_file",
                {
                    "path": "app/db.py",
                    "content": WRITE[WRITE.index("import os") : WRITE.index("</content>\n<line")],
                    "line_count": "3",
                },
            ),
            ("execute_command", {"command": "python app/db.py && ls > x", "requires_approval": "false"}),
        ],
        id="Cline",
    ),
    pytest.param(
        f"<replace_in_file><path>a.py</path><diff>\n{SEARCH}</diff></replace_in_file>",
        [("replace_in_file", {"path": "a.py", "diff": SEARCH})],
        id="diff",
    ),
    pytest.param(
        ROO,
        [
            ("apply_diff", {"path": "a.py", "diff": SEARCH, "start_line": "1"}),
            ("apply_diff", {"path": "b.py", "diff": "zz"}),
        ],
        id="Roo, two files",
    ),
    pytest.param(
        "<write_to_file><path>a.py</path><content>\r\nx = 1\r\ny</conte",
        [("write_to_file", {"path": "a.py", "content": "x = 1\r\ny"})],
        id="cut in the closing tag",
    ),
    pytest.param("<write_to_file><path>a.p", [("write_to_file", {"path": "a.p"})], id="cut in the path"),
    pytest.param("<write_to_file> as I said <path>", [], id="only mentioned"),
    pytest.param("<write_to_file>" * 5, [], id="opened only"),
    pytest.param("<other><path>a</path></other>", [], id="another tool"),
]


@pytest.mark.parametrize(("text", "expected"), CALLS)
def test_a_call_gives_its_parameters(text: str, expected: list[object]) -> None:
    found = [(tool, {name: piece.text for name, piece in fields.items()}) for tool, fields in xmltools.calls(text)]
    assert found == expected


def test_a_parameter_says_what_would_become_of_it() -> None:
    (_, written), (_, command) = xmltools.calls(WRITE)
    assert (written["content"].kind, written["content"].path, written["content"].language) == (
        PieceKind.FILE,
        "app/db.py",
        "python",
    )
    assert (command["command"].kind, command["command"].language) == (PieceKind.RUN, "shell")
    (_, edit), *_ = xmltools.calls(ROO)
    assert (edit["diff"].kind, edit["diff"].path, edit["diff"].language) == (PieceKind.CODE, "a.py", "diff")
    (_, change), *_ = xmltools.calls(
        "<search_and_replace><path>a.py</path><search>x</search><replace>y</replace></search_and_replace>"
    )
    assert (change["search"].kind, change["replace"].kind) == (PieceKind.OLD, PieceKind.FILE)


TAG = st.sampled_from(
    [
        f"<{slash}{name}>"
        for slash in ("", "/")
        for name in ("write_to_file", "apply_diff", "args", "file", "path", "content", "diff")
    ]
    + ["\n", " ", "x", "<![CDATA[", "]]>", "</cont", "\ud800\0", "\r\n"]
)


@settings(deadline=None)
@given(st.lists(TAG, max_size=50).map("".join) | st.text())
def test_any_text_gives_pieces_that_lead_back_to_it(text: str) -> None:
    for _, fields in xmltools.calls(text):
        assert fields
        assert all(text.startswith(piece.text, piece.offset) and piece.lines is None for piece in fields.values())


@settings(deadline=None)
@given(
    st.text(),
    st.sampled_from(
        ["</content>\n</write_to_file>", "</content><line_count>1</line_count></write_to_file>", "</content>"]
    ),
)
def test_content_of_any_kind_comes_back_whole(content: str, end: str) -> None:
    text = f"<write_to_file>\n<path>a.py</path>\n<content>\n{content}{end}"
    ((_, fields),) = xmltools.calls(text)
    assert fields["content"].text == content or "<![CDATA[" in content


@pytest.mark.parametrize(
    "part",
    [
        "<write_to_file>",
        "<write_to_file><path>",
        "<write_to_file><content>",
        "</content>  ",
        "<apply_diff><args><file>",
        "<path>a</path>",
    ],
)
def test_a_long_hostile_text_ends(part: str) -> None:
    text = part * (300_000 // len(part))
    for start in ("", "<write_to_file><content>", "<apply_diff>"):
        pieces = [piece for _, fields in xmltools.calls(start + text) for piece in fields.values()]
        assert sum(len(piece.text) for piece in pieces) <= len(start + text)
