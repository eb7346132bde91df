"""Raw answers that go on where the prompt's code ends are read together with it; the prompt's own lines are not new."""

import pytest

from tracevet.assembly import Assembly
from tracevet.config import Config
from tracevet.extract import StandardExtractor
from tracevet.model import Json, Session, Snippet, Span, SpanKind, Surface, Trace
from tracevet.pipeline import vet
from tracevet.workers import Workers

STUB = 'import sqlite3\n\n\ndef load(db, name):\n    """Load a user."""\n'
BODY = '    query = "SELECT * FROM users WHERE name = \'" + name + "\'"\n    return db.execute(query).fetchone()\n'


def trace(prompt: Json, answer: Json) -> Trace:
    span = Span(id="s", kind=SpanKind.GENERATION, input=prompt, output=answer)
    return Trace(platform="langfuse", id="t", spans=(span,))


def code(prompt: Json, answer: Json) -> list[Snippet]:
    found = StandardExtractor().extract(trace(prompt, answer))
    return [
        each
        for each in found
        if isinstance(each, Snippet) and each.surface is Surface.SUGGESTED and each.language != "text"
    ]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (STUB, BODY),
        ({"prompt": STUB}, {"choices": [{"text": BODY}]}),
        (
            [{"role": "user", "content": f"Go on:\n```python\n{STUB}```"}],
            {"role": "assistant", "content": BODY},
        ),
        ([{"role": "user", "content": STUB}], {"role": "assistant", "content": BODY}),
    ],
)
def test_a_completion_is_read_with_its_prompt(prompt: Json, answer: Json) -> None:
    (found,) = code(prompt, answer)
    assert found.text == STUB + BODY.rstrip("\n")
    assert (found.language, found.changed) == ("python", ((6, 7),))
    assert found.lines is not None
    start = found.lines[5]
    assert BODY[start:].startswith(found.text.split("\n")[5])
    assert BODY[found.lines[6] :].startswith(found.text.split("\n")[6])


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (STUB, "Sure, I can do that.\nWhich database do you use?"),
        (STUB, f"Here it is:\n```python\n{BODY}```"),
        ("Please write a function that loads a user by name", BODY),
        (STUB, "import os\n\n\ndef other():\n    return os.getcwd()\n"),
    ],
)
def test_a_reply_is_no_continuation(prompt: Json, answer: Json) -> None:
    assert not any(found.text.startswith(STUB.rstrip()) for found in code(prompt, answer))


def test_code_that_stops_in_the_middle_of_a_statement_is_finished() -> None:
    begun = "import os\n\n\ndef show():\n    folder = input()\n    command ="
    (found,) = code(begun, " 'ls ' + folder\n    os.system(command)\n")
    assert found.text == f"{begun} 'ls ' + folder\n    os.system(command)"
    assert found.changed == ((6, 7),)


def test_what_the_completion_brings_is_a_violation_and_what_the_prompt_held_is_not() -> None:
    old = "import os\n\n\ndef clean(folder):\n    os.system('rm ' + folder)\n\n\n"
    assembly = Assembly.of(Config())
    with Workers(processes=1) as workers:
        setup = assembly.setup(b"k" * 32)
        verdict, _ = vet(
            trace(old + STUB, BODY),
            Session(id="s"),
            setup,
            lambda engine, snippets: workers.scan(engine, snippets).results(),
        )
    new = [found for found in verdict.violations if found.surface is not Surface.CONTEXT]
    assert [(found.policy, found.surface, found.start_line) for found in new] == [
        ("sql-injection", Surface.SUGGESTED, 13)
    ]


def test_a_long_prompt_is_not_repeated() -> None:
    assert not any(STUB in found.text for found in code("x = 1\n" * 20_000 + STUB, BODY))
