"""What a stranger's text becomes in each form, so that it can neither break out of its place nor call anyone."""

import html
import re
from enum import StrEnum
from urllib.parse import quote

from tracevet.policy import visible

CUT = "…"
_MENTION = re.compile(r"@(?=(?:here|channel|everyone|all|group)\b)", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!])")
_LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_URL_SAFE = "-._~:/?#@!$&+,;=%"  # no quotes, brackets or marks of any form


class AlertForm(StrEnum):
    """How a channel takes its text."""

    TEXT = "text"
    MARKDOWN = "markdown"  # CommonMark; read as HTML it is safe, too
    HTML = "html"
    SLACK = "slack"  # Slack's mrkdwn


def one_line(text: str, limit: int) -> str:
    """Make a text one visible line of at most `limit` characters; nobody is mentioned by it."""
    return _cut(visible(" ".join(text[: limit * 4].split())), limit).translate({10: " ", 9: " "})


def lines(text: str, limit: int, count: int) -> str:
    """Make a text at most `count` visible lines of together at most `limit` characters."""
    shown = _cut(visible(text[: limit * 4].expandtabs(4)), limit).split("\n")
    return "\n".join([*shown[:count], *([CUT] if len(shown) > count else [])])


def link(url: str | None) -> str | None:
    """Give a web address that is safe in every form; anything else is no link."""
    if url is None or len(url) > 2000 or not _LINK.fullmatch(url):  # noqa: PLR2004 - as long as browsers take
        return None
    return quote(url, safe=_URL_SAFE)


def escaped(text: str, form: AlertForm) -> str:
    """Write a text so that it is shown as it stands."""
    text = _MENTION.sub("@\N{WORD JOINER}", text)
    if form is AlertForm.TEXT:
        return text
    text = html.escape(text, quote=form is AlertForm.HTML)
    if form is AlertForm.MARKDOWN:
        return _MARKS.sub(r"\\\1", text).replace("~", "&#126;").replace("|", "&#124;")
    # Slack has no escape for its marks: a joiner keeps them from touching what they would mark.
    return text if form is AlertForm.HTML else re.sub(r"([*_~`])", "\N{WORD JOINER}\\1\N{WORD JOINER}", text)


def code(text: str, form: AlertForm) -> str:
    """Write lines of code as a block."""
    text = _MENTION.sub("@\N{WORD JOINER}", text)
    if form is AlertForm.HTML:
        return f"<pre>{html.escape(text)}</pre>"
    if form is AlertForm.SLACK:
        safe = html.escape(text, quote=False).replace("```", "``\N{WORD JOINER}`")
        return f"```\n{safe}\n```"
    if form is AlertForm.MARKDOWN:
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}\n{text}\n{fence}"
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}{CUT}"
