"""Answers that go on where the code of the prompt ends: raw completions, which mean nothing alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracevet.extract import language
from tracevet.extract.piece import starts
from tracevet.extract.prose import TEXT
from tracevet.extract.reading import Item
from tracevet.model import Snippet, Surface

FENCE = "```"
OPEN = tuple(":{([,\\=")  # what code that is not at its end may end with
LONGEST = 100_000  # characters of a prompt that is repeated before its answer


def continued(asked: Sequence[Item], answered: Sequence[Item]) -> list[Item]:
    """Join raw answers to the code of the last prompt that they continue, in place of a guess at what they are.

    In such a snippet the lines of the answer alone are new; those of the prompt, which do not stand where it points,
    have its start as their place.
    """
    raw = _raw(answered)
    code = _code(asked) if raw else None
    joined = {item.pointer: _joined(code, item) for item in raw if code and _goes_on(code, item.text)}
    if not joined:
        return list(answered)
    kept: list[Item] = []
    for item in answered:
        if not isinstance(item, Snippet) or item.pointer not in joined:
            kept.append(item)
        elif item.language == TEXT:
            kept += (item, joined[item.pointer])
    return kept


def _code(asked: Iterable[Item]) -> Snippet | None:
    """Give the code that the last prompt ends with, or is."""
    prompts = [item for item in asked if isinstance(item, Snippet) and item.surface is Surface.PROMPT]
    last = prompts[-1] if prompts else None
    if last is None or last.resent or len(last.text) > LONGEST:
        return None
    spoken = last.language
    if spoken == TEXT and FENCE not in last.text:
        spoken = language.guess(last.text)
    return replace(last, language=spoken) if spoken != TEXT and language.is_code(spoken) else None


def _raw(answered: Iterable[Item]) -> list[Snippet]:
    found = [item for item in answered if isinstance(item, Snippet) and item.surface is Surface.SUGGESTED]
    return [item for item in found if item.language == TEXT and item.lines is None and _may_go_on(item.text)]


def _may_go_on(text: str) -> bool:
    return (FENCE not in text and "\n" in text.strip("\n")) or text[:1] in {" ", "\t"}


def _goes_on(code: Snippet, answer: str) -> bool:
    """Tell a continuation from a reply: it goes on in a block, or it is code where the prompt's is not at its end."""
    first = next((line for line in answer.split("\n") if line.strip()), "")
    if first[:1] in {" ", "\t"}:
        return language.guess(answer) != TEXT
    return code.text.rstrip().endswith(OPEN) and language.is_code(language.guess(answer))


def _joined(code: Snippet, answer: Snippet) -> Snippet:
    before = code.text.rstrip("\n") + ("" if code.text.rstrip().endswith("=") else "\n")
    text = before + answer.text
    first = before.count("\n") + 1
    own = [answer.offset + start for start in starts(answer.text)]
    return Snippet(
        text=text,
        surface=answer.surface,
        language=code.language,
        span=answer.span,
        pointer=answer.pointer,
        offset=answer.offset,
        lines=(*(answer.offset for _ in range(first - 1)), *own),
        changed=((first, text.count("\n") + 1),),
        resent=answer.resent,
        call=answer.call,
    )
