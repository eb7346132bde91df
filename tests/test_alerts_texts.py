"""What an alert says is escaped for the form it goes to, and whole."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from ledger_parts import violation
from markdown_it import MarkdownIt

from tracevet import Alert, AlertForm, AlertItem, AlertKind, Violation, alert_text, alert_title

HOSTILE = (
    "<script>alert(1)</script> [x](javascript:alert(1)) <!channel> <@U123> @here @everyone *b* _i_ `c` ~s~ |t| "
    "# h\n# heading\n```\nout\n\x1b[31m \u202e ![i](http://evil/x.png) &amp; <http://evil|ok>"
)
EVIDENCE = '```\n</pre><img src=x onerror="alert(1)">\n````\nx = 1\x00\u202e'


def alert(*items: Violation, kind: AlertKind = AlertKind.VIOLATIONS, **changes: object) -> Alert:
    told = tuple(AlertItem(violation=item, platform="langfuse") for item in items)
    plain = Alert(id="msg_1", kind=kind, route="security", at=datetime(2025, 6, 1, tzinfo=UTC), items=told)
    return plain.model_copy(update=changes)


WORST = violation(
    "f1",
    **dict.fromkeys(
        ("title", "message", "path", "project", "developer", "branch", "assistant", "model", "trace_id"), HOSTILE
    ),
    evidence=EVIDENCE,
    recommendation=HOSTILE,
    url="https://langfuse.example.com/trace/1?a=1&b=2",
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


def test_nothing_of_a_trace_becomes_html() -> None:
    found = tags(alert_text(alert(WORST), AlertForm.HTML))
    assert set(found.seen) == {"p", "h3", "pre", "a"}
    assert found.links == ["https://langfuse.example.com/trace/1?a=1&b=2"]


def test_nothing_of_a_trace_becomes_markdown() -> None:
    found = tags(MarkdownIt("commonmark", {"html": True}).render(alert_text(alert(WORST), AlertForm.MARKDOWN)))
    assert set(found.seen) == {"p", "strong", "pre", "code", "a"}
    assert found.links == ["https://langfuse.example.com/trace/1?a=1&b=2"]


def test_nothing_of_a_trace_speaks_to_slack() -> None:
    text = alert_text(alert(WORST), AlertForm.SLACK)
    assert re.findall(r"<[^>]*>", text) == ["<https://langfuse.example.com/trace/1?a=1&amp;b=2>"]
    assert text.count("```") == 2


@pytest.mark.parametrize("form", AlertForm)
def test_nobody_is_mentioned_and_no_terminal_is_told_what_to_do(form: AlertForm) -> None:
    text = alert_text(alert(WORST), form)
    assert not re.search(r"@(here|everyone|channel)", text)
    assert not any(letter in text for letter in "\x1b\x00\u202e")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://x y", 'https://x/"><b>', "x" * 9000]
)
@pytest.mark.parametrize("form", AlertForm)
def test_a_link_is_a_web_address_or_none(url: str, form: AlertForm) -> None:
    text = alert_text(alert(violation("f1", url=url)), form)
    assert "javascript:" not in text
    assert '"><b>' not in text


@pytest.mark.parametrize("form", AlertForm)
def test_an_alert_says_what_where_who_and_what_to_do(form: AlertForm) -> None:
    text = alert_text(alert(violation("f1", title="Injection", url="https://host/t1"), more=3), form)
    for word in ("HIGH", "Injection", "user", "dev", "company", "Use parameterized queries", "f1", "ack", "suppress"):
        assert word in text
    assert "https://host/t1" in text
    assert "3 more" in text


def test_a_title_is_one_line_of_bounded_length() -> None:
    title = alert_title(alert(WORST))
    assert title.startswith("[HIGH] ")
    assert len(title) <= 200
    assert "\n" not in title
    assert title.isprintable()


def test_a_sample_says_so_first() -> None:
    sample = alert(violation("f1"), kind=AlertKind.SAMPLE)
    assert alert_title(sample).startswith("SAMPLE")
    assert alert_text(sample).startswith("This is a sample")


def test_a_text_is_bounded_whatever_a_trace_holds() -> None:
    huge = violation("f1", **dict.fromkeys(("title", "message", "path", "developer", "evidence"), "x\n" * 500_000))
    assert all(len(alert_text(alert(huge), form)) < 20_000 for form in AlertForm)
