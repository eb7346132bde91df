"""Under which conditions data in an argument does harm: how many levels of confidence it costs, or None for no harm."""

import re
from collections.abc import Callable

from tracevet_python.flow.calling import Call
from tracevet_python.flow.values import HOLE, UNSET, Kind, Taint, Value, elements, taints_of

Condition = Callable[[Call, Value, Taint], int | None]
OUTER = frozenset({Kind.PARAMETER, Kind.FREE, Kind.FILE, Kind.ENVIRONMENT})  # data that may well be meant to be here

_SQL = re.compile(
    r"\b(?:select\b.*?\bfrom\b|select\s+[\w*(\0]|insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update\s+\S+\s+set|delete\s+from|create\s+(?:temp\w*\s+|unique\s+|or\s+replace\s+)*(?:table|user|database|index|view|role|schema)|"
    r"drop\s+(?:table|user|database|index|view|schema|role)|alter\s+(?:table|user|role|database)|where\s+\S+\s*(?:=|like|in|<|>)|order\s+by|group\s+by|union\s+(?:all\s+)?select|"
    r"exec(?:ute)?\s+\w+|call\s+\w+|truncate\s+table|grant\s+\w+|pragma\s+\w+|values\s*\(|merge\s+into|use\s+\0|limit\s+\0|attach\s+database|\w+\s*(?:=|like|in)\s*\(?['\"]?%?\0)",
    re.IGNORECASE | re.DOTALL,
)
_DATABASE = re.compile(
    r"(?:cur|cursor|curs|conn|connection|con|db|database|session|engine|c|tx|transaction|sql|sqlite\w*|mysql|pg|dao|connect|cnx|dbc|psycopg2?|pool)\d*(?:\(\))?$",
    re.I,
)


def always(_call: Call, _value: Value, _taint: Taint) -> int | None:
    """Any data does harm."""
    return 0


def _holds_database(call: Call) -> bool:
    receiver = call.name.rpartition(".")[0].rsplit(".", 1)[-1]
    return bool(_DATABASE.search(receiver)) or "connect()" in call.name or "cursor()" in call.name


def sql(call: Call, value: Value, taint: Taint) -> int | None:
    """Text of SQL with data in it; or data alone as the statement, if it comes from a user."""
    text = value.text
    if text is not None and text.strip(HOLE):
        return 0 if HOLE in text and _SQL.search(text) else None
    if value.shape or taint.kind in OUTER or not _holds_database(call):
        return None
    return 0


def sql_text(call: Call, value: Value, taint: Taint) -> int | None:
    """Text of SQL with data in it."""
    text = value.text
    if text is None or HOLE not in text or not _SQL.search(text):
        return None
    return sql(call, value, taint)


def is_sql(value: Value) -> bool:
    """Tell whether a text is a statement of SQL with data in it."""
    return value.text is not None and HOLE in value.text and bool(_STATEMENT.match(value.text))


_STATEMENT = re.compile(
    r"\s*(?:select\s.*\sfrom\s|insert\s+into\s|update\s.*\sset\s|delete\s+from\s|drop\s+\w+|create\s+\w+|alter\s+\w+)",
    re.I | re.DOTALL,
)


def mongo(_call: Call, value: Value, taint: Taint) -> int | None:
    """Code under $where, or a whole filter from a request."""
    where = value.fields.get("$where")
    if where is not None:
        return 0 if taints_of(where) else None
    if "json" in taint.source or "body" in taint.source or "data" in taint.source:
        return 1 if taint.kind in {Kind.REQUEST, Kind.MESSAGE} and ("xpath" not in value.name) else None
    return None


def _is_mixed(value: Value) -> bool:
    """Tell whether a text has fixed parts beside the data."""
    return value.text is not None and bool(value.text.strip(HOLE + " ")) and HOLE in value.text


def shell(_call: Call, value: Value, taint: Taint) -> int | None:
    """Anything handed to a shell; a whole command from a caller is less sure."""
    if taint.kind in OUTER and not _is_mixed(value) and not any(_is_mixed(each) for each in elements(value)):
        return 1
    return 0


def process(call: Call, value: Value, taint: Taint) -> int | None:
    """Anything handed to a shell; without one, the program alone, or what a shell named as program is given."""
    flag = call.get(None, "shell")
    if flag is not None and (flag.const is UNSET or flag.const):
        if flag.const is UNSET and not taint.kind.value.startswith("the"):
            return None
        return shell(call, value, taint)
    if "." not in call.name:
        return None
    if _is_shell(value):
        return 0
    return program(call, value, taint)


def _is_shell(value: Value) -> bool:
    items = list(value.fields.values())[:3]
    names = [each.const for each in items if each.known and isinstance(each.const, str)]
    return (
        bool(names)
        and names[0].rsplit("/", 1)[-1] in {"sh", "bash", "zsh", "cmd", "cmd.exe", "powershell"}
        and (any(each in {"-c", "/c", "-Command", "/C", "-lc"} for each in names[1:]))
    )


def program(call: Call, value: Value, taint: Taint) -> int | None:
    """The program itself comes from a user."""
    first = next(iter(value.fields.values()), value.rest) if value.shape else value
    if first is None or taint.kind in OUTER:
        return None
    if _is_shell(Value(shape="list", fields=dict(enumerate(call.arguments)))):
        return 0
    harmful = taint.source in {each.source for each in taints_of(first)}
    if value.text is not None and value.text.strip(HOLE) and not value.text.startswith(HOLE):
        return None
    return 0 if harmful and taint.kind is not Kind.ARGUMENT else None


def remote(call: Call, value: Value, taint: Taint) -> int | None:
    """A command run through a shell on another host."""
    if call.last in {"exec_command"} or _is_mixed(value):
        return shell(call, value, taint)
    return None if taint.kind in OUTER else 0


def code(call: Call, value: Value, taint: Taint) -> int | None:
    """Code from outside; a module's name from a caller is nothing unusual."""
    if call.last in {"__import__", "import_module", "compile", "run_path", "sympify"} and taint.kind in {
        *OUTER,
        Kind.ARGUMENT,
    }:
        return None
    if taint.kind is Kind.FILE:
        return None
    tool = taint.kind in OUTER and len(call.arguments) > 1  # with namespaces of its own: a debugger, a shell
    return 1 if tool else 0


def pickled(call: Call, _value: Value, taint: Taint) -> int | None:
    """Objects from outside; an unpickler over a caller's stream is how libraries wrap pickle."""
    return None if call.last in {"Unpickler", "open"} and taint.kind in OUTER else 0


def path(call: Call, value: Value, taint: Taint) -> int | None:
    """A path with data in it; from the command line only where it is put behind a directory."""
    if taint.kind is Kind.ARGUMENT:
        return 0 if _is_mixed(value) and (value.text or HOLE)[0] != HOLE else None
    if call.last == "render_template":
        return 1
    return 0


def member(_call: Call, value: Value, taint: Taint) -> int | None:
    """The path of a member of an archive, put behind a directory."""
    return 0 if taint.kind is Kind.ARCHIVE and (value.text is not None or "Path" in value.name) else None


def path_object(call: Call, value: Value, taint: Taint) -> int | None:
    """A pathlib path with data in it."""
    return path(call, value, taint) if "Path" in value.name or "Path" in call.name else None


def saved_path(call: Call, value: Value, taint: Taint) -> int | None:
    """Where an upload is stored."""
    return path(call, value, taint) if value.text is not None else None


def upload(call: Call, _value: Value, taint: Taint) -> int | None:
    """An upload stored under a name of the user's."""
    return 0 if "filename" in taint.source or ".name" in taint.source or "files" in taint.source.lower() else None


def upload_open(call: Call, value: Value, taint: Taint) -> int | None:
    """An upload written under a name of the user's."""
    mode = call.const(1, "mode")
    return (
        0 if isinstance(mode, str) and "w" in mode and ("filename" in taint.source or "FILES" in taint.source) else None
    )


def xml(call: Call, _value: Value, taint: Taint) -> int | None:
    """XML from outside for a parser that expands entities, unless it is told otherwise."""
    parser = call.get(1, "parser")
    if parser is not None and not parser.known:
        return (
            None
            if ("XMLParser" in parser.name and _is_closed(parser))
            or "make_parser" in parser.name
            or "defused" in parser.name
            else 0
        )
    if call.name.startswith("defusedxml") or (
        taint.kind in OUTER and call.last.endswith("parse") and "lxml" not in call.name
    ):
        return None
    return 0 if "lxml" in call.name or call.name.startswith("etree.") else 1


def _is_closed(parser: Value) -> bool:
    if parser.arguments is None:
        return True
    named = parser.arguments[1]
    entities = named.get("resolve_entities")
    return entities is not None and entities.known and entities.const is False


def ldap(call: Call, value: Value, taint: Taint) -> int | None:
    """Text of a filter or name with data in it."""
    if not _is_mixed(value) or value.text is None or "=" not in value.text:
        return None
    return 0 if "(" in value.text or "=" in value.text else None


def xpath(call: Call, value: Value, _taint: Taint) -> int | None:
    """Text of an expression with data in it."""
    if not _is_mixed(value) or value.text is None:
        return 0 if call.last in {"xpath", "XPath"} and value.text is None and _taint.kind not in OUTER else None
    if call.last in {"find", "findall", "findtext", "iterfind"}:
        return 0 if re.search(r"\[.*\0", value.text) or re.match(r"^\.?//", value.text) else None
    return 0


def yaml(call: Call, _value: Value, _taint: Taint) -> int | None:
    """YAML read by a loader that makes any object."""
    loader = call.get(1, "Loader")
    return None if loader is not None and re.search(r"(?:Safe|Base)Loader", loader.name) else 0


def torch(call: Call, _value: Value, taint: Taint) -> int | None:
    """A model read with its code."""
    return None if call.const(None, "weights_only") is True or taint.kind is Kind.FREE else 1


def numpy(call: Call, _value: Value, _taint: Taint) -> int | None:
    """An array read with its objects."""
    return 0 if call.const(None, "allow_pickle") is True else None


def spread(call: Call, value: Value, taint: Taint) -> int | None:
    """An object made or updated with whatever a request holds."""
    name = call.last
    return 1 if name[:1].isupper() or name in {"update", "create", "filter_by", "update_one"} else None


def template_of_format(call: Call, value: Value, taint: Taint) -> int | None:
    """A format string that is data."""
    return 1 if value.text is None or (value.text.startswith(HOLE) and not value.text.strip(HOLE)) else None


def amount(call: Call, _value: Value, _taint: Taint) -> int | None:
    """A number that decides on work or memory."""
    return 1
