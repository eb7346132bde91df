"""Take off what code wears in chats, terminals, notebooks and patches, line by line."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from tracevet_python.parse.line import Line
from tracevet_python.parse.repair import Repair

_LINE_END = re.compile(r"\r\n|\r|\n")
_BROKEN = re.compile(r"[\x00\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_DIFF_HEADER = re.compile(
    r"(?:@@(?: .*|)$|diff --git |index [0-9a-f]+\.\.|--- \S|\+\+\+ \S|\\ No newline"
    r"|\*\*\* (?:Begin|End|Update|Add|Delete)|(?:new|deleted) file mode "
    r"|(?:rename|copy) (?:from|to) |similarity index )"
)
_HUNK = re.compile(r"@@|diff --git |\*\*\* (?:Begin|Update|Add) |(?:---|\+\+\+) \S")
_PROMPT = re.compile(r"\s*(?:>>> ?|In ?\[\d*\]: ?)")
_PROMPT_2 = re.compile(r"\s*\.{3}(?: |$)|\s+\.{3}: ?|\s*\.{3}:\s?")
_OUT = re.compile(r"\s*Out ?\[\d+\]:")
_SHELL = re.compile(r"\s*(?:\([\w.-]+\) ?)?(?:[\w.-]+@[\w.-]+[: ][^$#\s]*)?\$ +\S")
_NUMBER = re.compile(r"\s*L?(\d{1,7})(?:\s?[:→|│]|\t|-(?=\s)|\.(?=\s|$)| (?=\s|\S))")
_MARKED = re.compile(r"\s*L?\d{1,7}\s?(?:[:→|│]|\t)")
_GAP = re.compile(r"\s*(?:\.{3}|…|--|⋮)\s*$")
_CELL = re.compile(
    r"\s*%%(?:!|bash|sh|script|cmd|system|html|HTML|svg|SVG|javascript|js|latex|markdown|perl|ruby|R|sql"
    r"|writefile (?!.*\.py\b))"
)
_NEW_CELL = re.compile(r"\s*%%\w|# *%%|# In ?\[|In ?\[\d*\]:")
Lines = list[Line]


def undress(text: str) -> tuple[Lines, set[Repair]]:
    """Give the lines of code in a text, each with its way back, and what was done to get them."""
    lines, repairs = _split(text)
    steps: tuple[tuple[Repair, Callable[[Lines], Lines]], ...] = (
        (Repair.NUMBERS, _unnumber),
        (Repair.DIFF, _undiff),
        (Repair.PROMPTS, _unprompt),
        (Repair.MAGICS, _uncell),
    )
    for repair, step in steps:
        changed = step(lines)
        if changed is not lines and changed != lines:
            repairs.add(repair)
            lines = changed
    return lines, repairs


def _split(text: str) -> tuple[Lines, set[Repair]]:
    """Cut a text at its line ends, with a blank for each character that Python can't read at all."""
    clean = _SURROGATE.sub("\ufffd", _BROKEN.sub(" ", text))
    repairs = set() if clean == text.removeprefix("\ufeff") else {Repair.CHARACTERS}
    if text.startswith("\ufeff"):
        clean = "\f" + clean[1:]
        repairs = set() if clean[1:] == text[1:] else repairs
    starts = [0, *(match.end() for match in _LINE_END.finditer(clean))]
    ends = [*(match.start() for match in _LINE_END.finditer(clean)), len(clean)]
    lines = []
    for start, end in zip(starts, ends, strict=True):
        line = clean[start:end]
        margin = len(line) - len(line.lstrip())
        plain = "".join(char if char in " \t\f" else " " for char in line[:margin])
        if plain != line[:margin]:
            repairs.add(Repair.CHARACTERS)
        lines.append(Line.of(plain + line[margin:], start))
    return lines, repairs


def _full(lines: Lines) -> Iterator[Line]:
    """The lines that say something of how the text is dressed."""
    return (line for line in lines if line.text.strip() and not _FENCE.match(line.text))


def _unnumber(lines: Lines) -> Lines:
    """Cut line numbers that stand on nearly all lines and rise."""
    full = [line for line in _full(lines) if not _GAP.match(line.text)]
    matches = [match for line in full if (match := _NUMBER.match(line.text))]
    if len(matches) < max(1, 0.8 * len(full)):
        return lines
    numbers = [int(match.group(1)) for match in matches]
    steps = [after - before for before, after in pairwise(numbers)]
    marked = all(_MARKED.match(match.string) for match in matches)
    rising = all(step > 0 for step in steps) if marked else len(steps) > 1 and set(steps) == {1}
    if not rising or (len(matches) == 1 and "→" not in matches[0].group() and "\t" not in matches[0].group()):
        return lines
    rest = [match.string[match.end() :] for match in matches]
    spaced = marked and all(not each.strip() or each.startswith(" ") for each in rest)
    spaced = spaced and "→" not in matches[0].group() and "\t" not in matches[0].group()
    kept = [(line, _NUMBER.match(line.text)) for line in lines if not _GAP.match(line.text)]
    return [_behind(line, match.end() + spaced) if match else line for line, match in kept]


def _behind(line: Line, column: int) -> Line:
    return line.put(0, min(column, len(line.text)), "")


def _undiff(lines: Lines) -> Lines:
    """Keep the added and the unchanged lines of a patch."""
    full = list(_full(lines))
    body = [line for line in full if not _DIFF_HEADER.match(line.text)]
    marked = sum(line.text[0] in "+-" for line in body)
    added = sum(line.text[0] == "+" for line in body)
    hunks = any(_HUNK.match(line.text) for line in full)
    fitting = sum(line.text[0] in "+- \t" for line in body)
    if (not added and not (hunks and marked)) or fitting < (0.8 if hunks else 1) * len(body):
        return lines
    kept = [line for line in lines if not _DIFF_HEADER.match(line.text) and not line.text.startswith("-")]
    return [_behind(line, 1) if line.text[:1] in {"+", " "} else line for line in kept]


def _unprompt(lines: Lines) -> Lines:
    """Keep what was typed at an interpreter; lines right below a prompt without one of their own are its output."""
    full = list(_full(lines))
    prompts = sum(bool(_PROMPT.match(line.text)) for line in full)
    typed = prompts + sum(bool(_PROMPT_2.match(line.text)) for line in full)
    if not prompts or not (_PROMPT.match(full[0].text) or _SHELL.match(full[0].text) or 2 * typed >= len(full)):
        return lines
    kept, output = [], False
    for line in lines:
        match = _PROMPT.match(line.text) or _PROMPT_2.match(line.text)
        if match:
            kept.append(_behind(line, match.end()))
        elif not line.text.strip():
            output = False
        elif not output and not _OUT.match(line.text) and not _SHELL.match(line.text):
            kept.append(line)
        output = output or bool(match)
    return kept


def _uncell(lines: Lines) -> Lines:
    """Take away the cells of a notebook that another program runs."""
    kept, foreign = [], False
    for line in lines:
        if _CELL.match(line.text):
            foreign = True
        elif foreign and _NEW_CELL.match(line.text):
            foreign = False
        if not foreign:
            kept.append(line)
    return kept
