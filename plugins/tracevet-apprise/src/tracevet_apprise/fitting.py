"""Making an alert as short as a service wants it, and no shorter."""

import re
from collections.abc import Iterator

from tracevet import Alert, AlertForm, alert_text, alert_title

_MARKS = re.compile(r"[<>&*_~`|\\\[\]]+")


def plain(title: str) -> str:
    """Make a title that means nothing in any form, for Apprise puts it where the service wants it."""
    return " ".join(_MARKS.sub(" ", title).replace("@", "@\N{WORD JOINER}").split())


def fitting(alert: Alert, form: AlertForm, limit: int) -> str:
    """Give the text of the longest version that has at most `limit` characters: fewer violations, then no evidence."""
    for version in _shorter(alert):
        text = alert_text(version, form)
        if len(text) <= limit:
            return text
    return plain(alert_title(alert))[:limit]


def _shorter(alert: Alert) -> Iterator[Alert]:
    total = len(alert.items) + alert.more
    count = len(alert.items)
    while count:
        yield alert.model_copy(update={"items": alert.items[:count], "more": total - count})
        count //= 2
    first = alert.items[0]
    bare = first.violation.model_copy(update={"evidence": ""})
    yield alert.model_copy(update={"items": (first.model_copy(update={"violation": bare}),), "more": total - 1})
