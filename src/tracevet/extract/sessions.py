"""Terminal and REPL sessions: the lines that were typed, without prompts and output."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracevet.extract.language import guess, is_code
from tracevet.extract.piece import Run, starts

_PYTHON = re.compile(r"(?:>>>|\.\.\.)(?: |\r?$)|In \[\d{1,5}\]: ?| {3,8}\.\.\.: ?", re.MULTILINE)
_PLACE = r"[\w.-]{1,80}@[\w.-]{1,80}[:\s][^\s$#%]{0,200}"
_SHELL = re.compile(rf"(?:\([\w.-]{{1,80}}\) )?(?:(?:{_PLACE})?[$%❯]|{_PLACE}#) +")
_MORE = re.compile(r"> ?")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_PROMPTED = frozenset({"", "text", "console", "shell", "pycon", "python", "powershell"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in a session."""

    language: str
    runs: tuple[Run, ...]


def typed(text: str, language: str) -> Typed | None:
    """Give what was typed, or None if a text of that language is no session.

    A text is a session if it calls itself one (`console`, `pycon`) or if its first line begins with a prompt; one
    that has no prompt at all was typed as it stands. A text whose "output" is code of its language is no session:
    nothing is to hide behind one prompt.
    """
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    if language not in _PROMPTED:
        return None
    lines = list(_lines(text))
    if language == "pycon" or _PYTHON.match(first):
        spoken, skips = "python", dict(_python(lines))
    elif language == "console" or _SHELL.match(first):
        spoken, skips = "shell", dict(_shell(lines))
    else:
        return None
    shown = "".join(line for number, (line, _) in enumerate(lines) if number not in skips)
    if is_code(language) and guess(shown) == language:
        return None
    runs = ((lines[number][0][skip:], lines[number][1] + skip) for number, skip in skips.items())
    return Typed(spoken, tuple(runs) or ((text, 0),))


def _lines(text: str) -> Iterator[Run]:
    lines = text.split("\n")
    for line, start in zip(lines[:-1], starts(text), strict=False):
        yield line + "\n", start
    if lines[-1]:
        yield lines[-1], len(text) - len(lines[-1])


def _python(lines: Iterable[Run]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the lines that were typed, and how many characters of each are the prompt."""
    for number, (line, _) in enumerate(lines):
        if prompt := _PYTHON.match(line):
            yield number, prompt.end()


def _shell(lines: Iterable[Run]) -> Iterator[tuple[int, int]]:
    end = ""  # of the heredoc that the lines belong to
    going_on = False
    for number, (line, _) in enumerate(lines):
        prompt = _SHELL.match(line) or (_MORE.match(line) if going_on else None)
        if not prompt and not going_on:
            continue
        skip = prompt.end() if prompt else 0
        yield number, skip
        bare = line[skip:].rstrip("\r\n")
        heredoc = None if end else _HEREDOC.search(bare)
        end = heredoc[2] if heredoc else "" if bare.strip() == end else end
        going_on = bare.endswith("\\") or end != ""
