"""Each format of a report says the same, whatever a trace holds, and makes nothing of it but text."""

import csv
import io
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from report_parts import HOSTILE, hostile, turn, week

from tracevet.builtin.csv_report import CsvReporter
from tracevet.builtin.html_report import HtmlReporter
from tracevet.builtin.markdown_report import MarkdownReporter
from tracevet.errors import UsageError
from tracevet.model import Report
from tracevet.reporting import Digest, Scope, Story, Utterance, summed
from tracevet.reporting.terminal import terminal

FORMATS: dict[str, Callable[[Digest], bytes]] = {
    "table": lambda digest: terminal(digest, color=False, width=100),
    "json": lambda digest: digest.model_dump_json().encode(),
    "html": lambda digest: HtmlReporter().show(digest),
    "csv": lambda digest: CsvReporter().show(digest),
    "markdown": lambda digest: MarkdownReporter().show(digest),
}
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def told(digest: Digest) -> Digest:
    """Add a story to every case, with what the case's code is as its conversation."""
    stories = tuple(
        Story(
            fingerprint=case.violation.fingerprint,
            conversation=(
                Utterance(surface="prompt", text=case.violation.evidence[:3000], path=case.violation.path),
                Utterance(surface="applied", text=f"a\n{case.violation.evidence[:2000]}\nb", marked=(1,), left_out=5),
            ),
            note=case.violation.message[:300],
            sent=(case.violation.message[:300],),
        )
        for case in digest.cases
    )
    return digest.model_copy(update={"stories": stories})


@pytest.fixture(scope="module")
def odd() -> Digest:
    return told(summed(hostile(), Scope(names=True)))


@pytest.fixture(scope="module")
def usual() -> Digest:
    return told(summed(week(), Scope(names=True)))


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_to_tell_is_told(name: str) -> None:
    said = FORMATS[name](summed([], Scope())).decode()
    assert said
    assert "No trace was vetted" in said or name in {"json", "csv"}


@pytest.mark.parametrize("name", FORMATS)
def test_turns_without_a_violation_are_told(name: str) -> None:
    assert FORMATS[name](summed([turn("t")], Scope()))


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_digest_gives_the_same_bytes(name: str, usual: Digest) -> None:
    assert FORMATS[name](usual) == FORMATS[name](usual)


@pytest.mark.parametrize("name", ["table", "html", "csv", "markdown"])
def test_control_and_direction_marks_are_spelled_out(name: str, odd: Digest) -> None:
    assert not CONTROLS.search(FORMATS[name](odd).decode())


def test_long_lines_are_cut_where_people_read(odd: Digest) -> None:
    assert len(FORMATS["html"](odd)) < 1_000_000
    assert len(FORMATS["markdown"](odd)) < 100_000
    assert max(map(len, FORMATS["table"](odd).decode().split("\n"))) <= 100


def test_json_is_the_digest_itself(odd: Digest) -> None:
    assert Digest.model_validate_json(FORMATS["json"](odd)) == odd


def test_no_cell_of_the_csv_is_a_formula(odd: Digest) -> None:
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](odd).decode(), newline="")))
    assert len(rows) == len(HOSTILE) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(tuple("=+-@\t\r＝＋－＠"))
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)


def test_nothing_in_the_markdown_is_a_link_a_picture_or_html(odd: Digest) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(FORMATS["markdown"](odd).decode())
    kinds = {one.type for token in tokens for one in [token, *(token.children or [])]}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline", "em_open", "strong_open"}
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) > len(HOSTILE)
    assert not any("@everyone" in token.content for token in tokens if token.type == "inline")


class Page(HTMLParser):
    """What a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: list[tuple[str, str]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def page(digest: Digest) -> Page:
    parsed = Page()
    parsed.feed(FORMATS["html"](digest).decode())
    return parsed


def test_a_hostile_trace_adds_no_element_that_acts(odd: Digest) -> None:
    parsed = page(odd)
    assert parsed.tags["script"] == parsed.tags["style"] == 1
    assert not parsed.tags.keys() & {"iframe", "object", "embed", "form", "base", "svg"}
    assert not [name for name, _ in parsed.attributes if name.startswith("on") or name == "style"]
    links = {value for name, value in parsed.attributes if name in {"href", "src", "srcset", "action"}}
    assert all(link.startswith(("#", "https://example.com/", "https://cwe.mitre.org/", "data:")) for link in links)


def test_every_link_within_the_page_leads_somewhere(usual: Digest) -> None:
    parsed = page(usual)
    assert len(parsed.ids) == len(set(parsed.ids))
    inside = {value[1:] for name, value in parsed.attributes if name == "href" and value.startswith("#")}
    assert inside <= set(parsed.ids)
    assert len(inside) > len(usual.cases)


def test_a_run_can_be_shown_as_a_report() -> None:
    report = Report(verdicts=tuple(week()))
    for reporter in (HtmlReporter(), CsvReporter(), MarkdownReporter()):
        assert b"Sql-Injection" in reporter.render(report)


def test_what_is_missing_for_html_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"tracevet\[report\]"):
        HtmlReporter()
