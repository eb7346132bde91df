"""Fragments vetted in their files: line numbers, imports, and whose fault a line is."""

from extraction import generation
from file_traces import bash, call, edit, read, setup, turn, vet_all, write

from tracevet import Json, Session, Snippet, Span, Status, Surface, Trace, Verdict
from tracevet.pipeline import prepare

FILE = "import x\n\n\ndef f():\n    old(1)\n    return 1"


def lines(verdict: Verdict) -> list[tuple[str, int, int]]:
    return [(v.surface.value, v.start_line, v.occurrences) for v in verdict.violations]


def test_a_violation_in_an_edit_has_the_line_of_its_file() -> None:
    (verdict,), _ = vet_all(turn("t", read("a.py", FILE), edit("a.py", "old(1)", "bad(1)")))
    assert lines(verdict) == [("applied", 5, 1)]
    assert verdict.violations[0].evidence == "bad(1)"


def test_code_that_was_there_before_is_not_the_assistants() -> None:
    old = FILE.replace("old(1)", "bad(1)")
    (verdict,), _ = vet_all(turn("t", read("a.py", old), edit("a.py", "return 1", "return 2")))
    assert verdict.violations == ()
    (verdict,), _ = vet_all(turn("t", read("a.py", old), write("a.py", old + "\nmore = 1\n")))
    assert verdict.violations == ()


def test_an_edit_is_vetted_with_what_stands_around_it() -> None:
    tainted = turn("t", write("a.py", "x = input()\n\n\nuse(x)\n"), edit("a.py", "use(x)", "bad(x)"))
    assert len(vet_all(tainted)[0][0].violations) == 1
    safe = turn("t", write("a.py", "x = 1\n\n\nuse(x)\n"), edit("a.py", "use(x)", "bad(x)"))
    assert vet_all(safe)[0][0].violations == ()


def test_a_file_is_known_from_an_earlier_trace_of_the_session() -> None:
    first, second = turn("a", read("a.py", FILE)), turn("b", edit("a.py", "old(1)", "bad(1)"), minute=1)
    (_, verdict), _ = vet_all(first, second)
    assert lines(verdict) == [("applied", 5, 1)]


def test_a_fragment_whose_file_is_not_known_is_vetted_alone() -> None:
    (verdict,), _ = vet_all(turn("t", edit("a.py", "old(1)", "x\nbad(1)")))
    assert lines(verdict) == [("applied", 2, 1)]


def test_an_edit_that_failed_was_only_suggested() -> None:
    (verdict,), session = vet_all(turn("t", read("a.py", FILE), edit("a.py", "old(1)", "bad(1)", is_error=True)))
    assert [(v.surface, v.status) for v in verdict.violations] == [(Surface.SUGGESTED, Status.OPEN)]
    assert session.files.states["/repo/a.py"].text == FILE


def test_the_call_in_the_answer_is_the_same_as_the_tool_that_ran() -> None:
    arguments: Json = {"file_path": "a.py", "old_string": "old(1)", "new_string": "bad(1)"}
    asked: Json = {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "t-call-2", "name": "Edit", "input": arguments}],
    }
    answer = generation(output=asked)
    whole = turn("t", answer, read("a.py", FILE), edit("a.py", "old(1)", "bad(1)"))
    (verdict,), _ = vet_all(whole)
    assert lines(verdict) == [("applied", 5, 2)]


def test_a_rebuilt_snippet_says_which_lines_are_new_and_that_it_is_rebuilt() -> None:
    prepared, _ = prepare(turn("t", read("a.py", FILE), edit("a.py", "old(1)", "new(1)")), Session(id="s"), setup())
    found = [places[0] for places in prepared.snippets.values() if places[0].rebuilt]
    assert [(s.text, s.changed, s.pointer, s.language) for s in found] == [
        (FILE.replace("old", "new"), ((5, 5),), "/input/new_string", "python")
    ]


def test_a_heredoc_and_an_edit_of_it_are_one_file() -> None:
    whole = turn("t", bash("cat > a.py <<'E'\nx\nbad(1)\nE"), edit("a.py", "bad(1)", "good(1)"))
    (verdict,), _ = vet_all(whole)
    assert [(v.start_line, v.status) for v in verdict.violations] == [(2, Status.CORRECTED)]


def test_a_notebook_cell_is_a_file_of_its_own() -> None:
    def cell(source: str) -> Span:
        return call(
            "NotebookEdit", {"notebook_path": "n.ipynb", "cell_id": "c", "new_source": source, "edit_mode": "replace"}
        )

    (verdict,), _ = vet_all(turn("t", cell("bad(1)\n"), cell("good(1)\n")))
    assert [v.status for v in verdict.violations] == [Status.CORRECTED]
    (verdict,), _ = vet_all(turn("t", cell("bad(1)\n")))
    assert [v.status for v in verdict.violations] == [Status.OPEN]


def test_texts_of_files_are_neither_dumped_nor_shown() -> None:
    _, session = vet_all(turn("t", write("a.py", "bad(1)\nsecret_name = 1\n"), edit("a.py", "bad(1)", "good(1)")))
    assert session.files.states["/repo/a.py"].text == "good(1)\nsecret_name = 1\n"
    assert session.marks
    for shown in (session.model_dump_json(), repr(session), str(session.model_dump())):
        assert "secret_name" not in shown
        assert "bad(1)" not in shown
        assert "good(1)" not in shown


def test_a_trace_without_times_comes_after_those_before_it() -> None:
    bare = [
        Trace(platform="p", id=name, session_id="s", spans=turn(name, span).spans, metadata={"cwd": "/repo"})
        for name, span in (("z", write("a.py", "bad(1)\n")), ("a", edit("a.py", "bad(1)", "good(1)")))
    ]
    _, session = vet_all(*bare)
    assert [(mark.trace, mark.status) for mark in session.marks] == [("z", Status.CORRECTED)]


def test_snippets_of_other_kinds_stay_as_they_are() -> None:
    prepared, _ = prepare(turn("t", bash("python -c 'bad(1)'")), Session(id="s"), setup())
    assert not any(place.rebuilt for places in prepared.snippets.values() for place in places)
    assert all(isinstance(place, Snippet) for places in prepared.snippets.values() for place in places)
