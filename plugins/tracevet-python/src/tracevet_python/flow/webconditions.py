"""Under which conditions data does harm in what a server answers, asks of others, and writes into its log."""

# patterns read best on one line

import re

from tracevet_python.flow.calling import Call
from tracevet_python.flow.conditions import OUTER
from tracevet_python.flow.values import Kind, Taint, Value

_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!]|&[a-z]+;")
_RELATIVE = re.compile(
    r"^(?![a-z][a-z0-9+.-]*:(?://?)?(?:\0|$))(?!//?[/\\\0])[^\0:]*[^\0:/][^\0:]*[/?#=]|^/(?![/\\\0])|^[?#]", re.I
)
_FIXED_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\0?#@]+[/?#]", re.I)


def template(call: Call, value: Value, _taint: Taint) -> int | None:
    """The text of a template."""
    if call.last == "from_string" and "env" not in call.name.lower() and "engine" not in call.name.lower():
        return None
    return None if call.name.startswith("string.") else 0


def html(call: Call, value: Value, taint: Taint) -> int | None:
    """Text of a response that a browser may take for HTML."""
    kind = call.get(None, "content_type", "mimetype", "media_type")
    if taint.kind in OUTER or (kind is not None and kind.known and "html" not in str(kind.const)):
        return None
    if value.shape in {"dict", "list"} or value.name.endswith(
        ("jsonify()", "dumps()", "render_template()", "render()", "JsonResponse()")
    ):
        return None
    if value.text is not None and _MARKUP.search(value.text):
        return 0
    if call.name.endswith("web.Response") or (
        call.last == "Response" and "HTML" not in call.name and kind is None and "fastapi" in call.name
    ):
        return None
    if value.text is not None and value.text.lstrip()[:1] in {"{", "["}:
        return None
    return 0 if taint.kind is Kind.REQUEST and value.text is not None else 1


def marked(_call: Call, value: Value, taint: Taint) -> int | None:
    """Text marked as safe; of a caller's, only what is put into markup."""
    return 0 if taint.kind not in OUTER or text_is_markup(value) else None


def address(call: Call, value: Value, taint: Taint) -> int | None:
    """An address whose host the data may choose."""
    if value.text is not None and (_FIXED_HOST.match(value.text) or _RELATIVE.match(value.text)):
        return None
    if taint.kind in OUTER and not (
        value.text is None and re.match(r"(?:\w+_)?(?:url|uri|link|webhook)@", taint.source)
    ):
        return None
    receiver = call.name.rpartition(".")[0]
    if (
        receiver in {"session", "client"}
        and value.text is None
        and not ("url" in taint.source or "uri" in taint.source)
    ):
        return None
    return 0


def target(_call: Call, value: Value, _taint: Taint) -> int | None:
    """A redirect whose host the data may choose."""
    text = value.text
    if text is not None and (
        _FIXED_HOST.match(text) or re.match(r"^(?:/(?![/\\\0])|[?#])", text) or re.match(r"^[\w.-]+[/?]", text)
    ):
        return None
    return 0


def header(_call: Call, _value: Value, _taint: Taint) -> int | None:
    """The value of a header."""
    return 1


_LOGGER = re.compile(
    r"(?:^|\.)(?:logging|log|logger|_logger|_log|LOG|LOGGER|getLogger\(\)|app\.logger|current_app\.logger|get_logger\(\)|syslog|loguru\.logger)$"
)


def log(call: Call, value: Value, taint: Taint) -> int | None:
    """Text for a log."""
    return 1 if _LOGGER.search(call.name.rpartition(".")[0]) and value.shape == "" else None


def is_logger(name: str) -> bool:
    """Tell whether a dotted name is a logger's."""
    return bool(_LOGGER.search(name))


def text_is_markup(value: Value) -> bool:
    """Tell whether a text holds HTML."""
    return value.text is not None and bool(_MARKUP.search(value.text))
