"""Takes a shell command apart into simple commands: words, redirections, here-documents and pipes.

Written for POSIX shells and bash. No expansion takes place; a substitution stays in its word as it is written, and
the commands inside it are commands like any other. Linear in the length of the text, whatever it holds.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracevet.extract.piece import Run

_DEPTH = 30  # levels of $( ), ( ) and ` `, beyond which they are ordinary characters
_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN = re.compile(r"[^ \t\r\n'\"\\$`;&|<>()]+")
_QUOTED = re.compile(r"[^\"\\$`]+")
_BRACED = re.compile(r"\$\{[^}\n'\"`$]{0,200}\}")
_ARITHMETIC = re.compile(r"\$?\(\([^\n'\"`]{0,200}?\)\)")
_REDIRECT = re.compile(r"(?:\d{1,3}|&)?(<<<|<<-?|>>|>\||>&|<&|<>|>|<)")
_ESCAPE = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,4}))|(?<=%)%"
)
_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ANSI = re.compile(r"[^'\\]*+(?:\\.[^'\\]*+)*+", re.DOTALL)
_UNQUOTED_ESCAPE = re.compile(r"\\(?:([\\$`])|\r?\n)")


@dataclass
class Word:
    """A word with its quotes taken off."""

    runs: list[Run] = field(default_factory=list)
    quoted: bool = False

    @property
    def text(self) -> str:
        """Give the word as the program would see it, but for expansions."""
        return "".join(part for part, _ in self.runs)

    def after(self, count: int) -> "Word":
        """Give the word without its first characters."""
        runs = []
        for part, start in self.runs:
            runs.append((part[count:], start + count))
            count = max(0, count - len(part))
        return Word([run for run in runs if run[0]], self.quoted)


@dataclass
class Command:
    """A simple command."""

    words: list[Word] = field(default_factory=list)
    targets: list[Word] = field(default_factory=list)  # files that its output goes to
    stdin: list[Run] | None = None  # a here-document or here-string
    piped: "Command | None" = None  # the command whose output it reads


@dataclass
class _Heredoc:
    command: Command
    end: str
    quoted: bool
    tabs: bool


def commands(text: str) -> list[Command]:
    """Give the simple commands of a text, those in substitutions before the one they stand in."""
    lexer = _Lexer(text)
    while lexer.at < len(text):
        lexer.read("")
    lexer.heredocs()
    return lexer.found


def cooked(runs: list[Run]) -> list[Run]:
    """Replace backslash escapes as `echo -e`, `printf` and `$'…'` do."""
    return [run for part, start in runs for run in _cooked(part, start)]


def _cooked(part: str, start: int) -> Iterator[Run]:
    at = 0
    for escape in _ESCAPE.finditer(part):
        yield part[at : escape.start()], start + at
        at = escape.end()
        yield _character(escape), start + escape.start()
    yield part[at:], start + at


def _character(escape: re.Match[str]) -> str:
    letter, *codes = escape.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    code = next(((value, base) for value, base in zip(codes, (16, 16, 16, 8), strict=True) if value), None)
    number = int(*code) if code else -1
    return chr(number) if 0 <= number <= sys.maxunicode else ""


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.closing = ""
        self.found: list[Command] = []
        self.pending: list[_Heredoc] = []

    def read(self, closing: str) -> None:
        """Read commands up to the closing sign, and past it, or to the end."""
        outer, self.closing = self.closing, closing
        command = Command()
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == closing:
                self.at += 1
                break
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif sign == "#":
                end = self.text.find("\n", self.at)
                self.at = end if end >= 0 else len(self.text)
            elif redirect := _REDIRECT.match(self.text, self.at):
                self._redirect(command, redirect)
            elif sign in "\n;&|()":
                command = self._operator(command, sign)
            else:
                command.words.append(self._word())
        self._finish(command)
        self.closing = outer

    def heredocs(self) -> None:
        """Read the bodies of the here-documents that were announced on the line before."""
        waiting, self.pending = self.pending, []
        for heredoc in waiting:
            heredoc.command.stdin = list(self._body(heredoc))

    def _finish(self, command: Command) -> None:
        if command.words or command.targets:
            self.found.append(command)

    def _operator(self, command: Command, sign: str) -> Command:
        if arithmetic := _ARITHMETIC.match(self.text, self.at):
            self.at = arithmetic.end()
            return command
        self.at += 1
        self._finish(command)
        if sign == "\n":
            self.heredocs()
        elif sign == "(":
            self._nested(")")
        elif sign == "|" and not self.text.startswith("|", self.at):
            return Command(piped=command)
        elif sign in "|&" and self.text.startswith(sign, self.at):
            self.at += 1
        empty_pipe = command.piped is not None and not command.words and sign == "\n"
        return Command(piped=command.piped if empty_pipe else None)

    def _nested(self, closing: str) -> None:
        if self.depth < _DEPTH:
            self.depth += 1
            self.read(closing)
            self.depth -= 1

    def _redirect(self, command: Command, redirect: re.Match[str]) -> None:
        self.at = redirect.end()
        if blank := _BLANK.match(self.text, self.at):
            self.at = blank.end()
        operator = redirect[1]
        if operator != "<" and self.text.startswith("(", self.at):
            return  # process substitution: its command comes next
        word = self._word() if self.text[self.at : self.at + 1] not in {"\n", ""} else Word()
        if operator == "<<<":
            command.stdin = word.runs
        elif operator.startswith("<<"):
            self.pending.append(_Heredoc(command, word.text, word.quoted, operator == "<<-"))
        elif operator in (">", ">>", ">|", ">&") and not redirect[0].startswith("2"):
            command.targets.append(word)

    def _body(self, heredoc: _Heredoc) -> Iterator[Run]:
        while self.at < len(self.text):
            start = self.at
            end = self.text.find("\n", start)
            self.at = end + 1 if end >= 0 else len(self.text)
            line = self.text[start : self.at]
            skip = len(line) - len(line.lstrip("\t")) if heredoc.tabs else 0
            if line[skip:].rstrip("\r\n") == heredoc.end:
                return
            yield from _expanded(line[skip:], start + skip) if not heredoc.quoted else [(line[skip:], start + skip)]

    def _word(self) -> Word:
        word = Word()
        while self.at < len(self.text):
            start = self.at
            sign = self.text[start]
            if plain := _PLAIN.match(self.text, start):
                self.at = plain.end()
                word.runs.append((plain[0], start))
            elif sign == "'":
                self._single(word)
            elif sign == '"' or self.text.startswith('$"', start):
                self._double(word)
            elif sign == "\\":
                self._escaped(word)
            elif sign == "$" or (sign == "`" and sign != self.closing):
                self._dollar(word)
            else:
                break
        return word

    def _single(self, word: Word) -> None:
        word.quoted = True
        start = self.at + 1
        end = self.text.find("'", start)
        stop = end if end >= 0 else len(self.text)
        word.runs.append((self.text[start:stop], start))
        self.at = stop + 1

    def _double(self, word: Word) -> None:
        word.quoted = True
        self.at += 1 + (self.text[self.at] == "$")
        while self.at < len(self.text) and self.text[self.at] != '"':
            start = self.at
            if plain := _QUOTED.match(self.text, start):
                self.at = plain.end()
                word.runs.append((plain[0], start))
            elif self.text[start] == "\\":
                following = self.text[start + 1 : start + 2]
                self.at += 2
                if following != "\n":
                    skip = int(following in set('"\\$`'))
                    word.runs.append((self.text[start + skip : start + 2], start + skip))
            else:
                self._dollar(word)
        self.at += 1

    def _escaped(self, word: Word) -> None:
        word.quoted = True
        following = self.text[self.at + 1 : self.at + 2]
        if following != "\n":
            word.runs.append((following, self.at + 1))
        self.at += 2

    def _dollar(self, word: Word) -> None:
        start = self.at
        if self.text.startswith("$'", start):
            self._ansi(word)
            return
        if whole := (_BRACED.match(self.text, start) or _ARITHMETIC.match(self.text, start)):
            self.at = whole.end()
        elif self.depth < _DEPTH and self.text.startswith("$(", start):
            self.at += 2
            self._nested(")")
        elif self.depth < _DEPTH and self.text[start] == "`":
            self.at += 1
            self._nested("`")
        else:
            self.at += 1
        word.runs.append((self.text[start : self.at], start))

    def _ansi(self, word: Word) -> None:
        word.quoted = True
        string = _ANSI.match(self.text, self.at + 2)
        stop = string.end() if string else self.at + 2
        word.runs += cooked([(self.text[self.at + 2 : stop], self.at + 2)])
        self.at = stop + 1


def _expanded(line: str, start: int) -> Iterator[Run]:
    at = 0
    for escape in _UNQUOTED_ESCAPE.finditer(line):
        yield line[at : escape.start()], start + at
        at = escape.end()
        if escape[1]:
            yield escape[1], start + escape.start(1)
    yield line[at:], start + at
