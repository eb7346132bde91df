"""Reporters that are wrong on purpose, one of text and the others of markup; `breaks` names the promise."""

import html
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest

from tracevet import Report, Reporter, Violation
from tracevet.testing import ReporterSuite


class Right(Reporter):
    """One paragraph for each violation, as HTML."""

    name: ClassVar[str] = "page"
    summary: ClassVar[str] = "A page of HTML."

    def render(self, report: Report) -> bytes:
        lines = [self.line(each) for verdict in report.verdicts for each in verdict.violations]
        return "\n".join(["<html>", *lines, "</html>"]).encode("utf-8", "replace")

    def line(self, each: Violation) -> str:
        return f"<p>{self.escaped(each.policy)}: {self.escaped(each.path or '')} {self.escaped(each.evidence)}</p>"

    def escaped(self, text: str) -> str:
        return html.escape(" ".join("".join(char if char.isprintable() else " " for char in text).split()))


class Greedy(Right):
    def render(self, report: Report) -> bytes:
        return self.line(report.verdicts[0].violations[0]).encode() * 0 + super().render(report)


class First(Right):
    def render(self, report: Report) -> bytes:
        return super().render(report.model_copy(update={"verdicts": report.verdicts[:1]}))


class Numbered(Right):
    numbers: ClassVar[Callable[[], int]] = count().__next__

    def line(self, each: Violation) -> str:
        return f"{super().line(each)}<!-- {type(self).numbers()} -->"


class Raw(Right):
    def escaped(self, text: str) -> str:
        return text


class Encoding(Right):
    def escaped(self, text: str) -> str:
        text.encode("latin-1")
        return super().escaped(text)


class Curious(Right):
    """Shows the line as it stands in the file."""

    def line(self, each: Violation) -> str:
        file = Path(self.escaped(each.path or ""))
        return super().line(each) + (file.read_text() if file.is_file() else "")


class Base(ReporterSuite):
    cls: ClassVar[type[Reporter]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def reporter(self) -> Reporter:
        return self.cls()


def suite(cls: type[Reporter], breaks: str) -> type[Base]:
    """Make the suite of a reporter."""
    return type(f"Test{cls.__name__}", (Base,), {"cls": cls, "breaks": breaks})


TestRight = suite(Right, "")
TestGreedy = suite(Greedy, "test_an_empty_report_is_rendered")
TestFirst = suite(First, "test_every_open_violation_is_told")
TestNumbered = suite(Numbered, "test_the_same_report_gives_the_same_bytes")
TestRaw = suite(Raw, "test_hostile_names_are_escaped")
TestEncoding = suite(Encoding, "test_what_is_written_is_utf_8")
TestCurious = suite(Curious, "test_only_what_is_given_is_told")
