"""Where data comes from outside: requests, the command line, files, the network, names defined elsewhere."""

import ast
import builtins
import re
from functools import lru_cache
from typing import Any

from tracevet_python.flow.machine import Machine
from tracevet_python.flow.values import Kind, Taint, Value

REPRESENTED = frozenset({"log-injection", "header-injection"})  # what repr() keeps data from

_REQUEST = re.compile(r"(?:^|\.)(?:request|req|http_request|flask_request|bottle\.request)$")
_NO_REQUEST = ("urllib", "requests.")
_PARTS = frozenset(
    [
        "args",
        "form",
        "values",
        "json",
        "cookies",
        "headers",
        "files",
        "data",
        "query_string",
        "full_path",
        "path",
        "url",
        "base_url",
        "referrer",
        "user_agent",
        "view_args",
        "get_json",
        "get_data",
        "stream",
        "GET",
        "POST",
        "META",
        "COOKIES",
        "FILES",
        "body",
        "REQUEST",
        "query_params",
        "path_params",
        "path_info",
        "get_full_path",
        "build_absolute_uri",
        "match_info",
        "query",
        "rel_url",
        "params",
        "forms",
        "forwarded_for",
        "urlparams",
        "arguments",
        "get_argument",
        "get_arguments",
        "get_query_argument",
        "get_body_argument",
        "get_cookie",
        "form_data",
        "read",
        "text",
        "post",
        "raw_post_data",
        "authorization",
        "host",
        "remote_addr",
        "content_type",
        "matchdict",
        "json_body",
        "POST_raw",
        "content",
        "headers_raw",
        "parsed_url",
        "uri",
        "multipart",
        "get_query_arguments",
    ]
)
_SERVER_SET = frozenset({"remote_addr"})
SERVED = frozenset({"path", "headers", "rfile"})  # of a handler of http.server
_NAMES: dict[str, Kind] = {
    "sys.argv": Kind.ARGUMENT,
    "argv": Kind.ARGUMENT,
    "os.environ": Kind.ENVIRONMENT,
    "self.rfile": Kind.REQUEST,
    "self.headers": Kind.REQUEST,
    "self.path": Kind.REQUEST,
    "sys.stdin": Kind.USER,
}
_CALLS: dict[str, Kind] = {
    "input": Kind.USER,
    "raw_input": Kind.USER,
    "getpass.getpass": Kind.USER,
    "click.prompt": Kind.USER,
    "typer.prompt": Kind.USER,
    "rich.prompt.Prompt.ask": Kind.USER,
    "streamlit.text_input": Kind.USER,
    "streamlit.text_area": Kind.USER,
    "st.text_input": Kind.USER,
    "st.text_area": Kind.USER,
    "simpledialog.askstring": Kind.USER,
    "tkinter.simpledialog.askstring": Kind.USER,
    "os.getenv": Kind.ENVIRONMENT,
    "os.environ.get": Kind.ENVIRONMENT,
    "cgi.FieldStorage": Kind.REQUEST,
    "cgi.parse": Kind.REQUEST,
    "self.get_argument": Kind.REQUEST,
    "self.get_arguments": Kind.REQUEST,
    "self.get_query_argument": Kind.REQUEST,
    "self.get_body_argument": Kind.REQUEST,
    "self.get_cookie": Kind.REQUEST,
    "traceback.format_exc": Kind.ERROR,
    "traceback.format_exception": Kind.ERROR,
    "sys.exc_info": Kind.ERROR,
    "urllib.request.urlopen": Kind.NETWORK,
    "urllib2.urlopen": Kind.NETWORK,
}
_METHODS: dict[str, Kind] = {
    "parse_args": Kind.ARGUMENT,
    "parse_known_args": Kind.ARGUMENT,
    "recv": Kind.NETWORK,
    "recvfrom": Kind.NETWORK,
    "receive_text": Kind.NETWORK,
    "receive_json": Kind.NETWORK,
    "receive_bytes": Kind.NETWORK,
    "receive_message": Kind.MESSAGE,
    **dict.fromkeys(("namelist", "infolist", "getnames", "getmembers"), Kind.ARCHIVE),
}
_CLIENTS = re.compile(r"^(?:requests|httpx|session|client|urllib3|aiohttp)\b.*\.(?:get|post|put|request)\(\)$")
_RANDOM = re.compile(
    r"^random\.(?:random|randint|choice|choices|sample|randrange|getrandbits|uniform|randbytes|shuffle)$"
)
_BUILTINS = frozenset(dir(builtins)) | {"self", "cls", "__name__", "__file__", "unicode", "xrange", "raw_input"}


@lru_cache(maxsize=4_096)
def is_request(name: str) -> bool:
    """Tell whether a dotted name is an HTTP request's."""
    return bool(_REQUEST.search(name)) and not name.startswith(_NO_REQUEST)


def taint(kind: Kind, source: str, line: int, name: str = "") -> Value:
    """Make data from outside."""
    return Value(taints=(Taint(source=source, kind=kind, line=line),), name=name, whole=True)


def attribute(base: Value, full: str, attr: str, line: int) -> Value | None:
    """Give the data that an attribute stands for, if it comes from outside."""
    if attr in _PARTS and attr not in _SERVER_SET and is_request(base.name):
        return taint(Kind.REQUEST, full, line, full)
    kind = _NAMES.get(full)
    if kind is not None:
        return taint(kind, full, line, full)
    if attr in {"text", "content"} and _CLIENTS.match(base.name):
        return taint(Kind.NETWORK, full, line, full)
    return None


def call(name: str, line: int, column: int) -> Value | None:
    """Give the data that a call returns, if it comes from outside or from a generator that can be predicted."""
    last = name.rsplit(".", 1)[-1]
    full = f"{name}()"
    if _RANDOM.match(name) or name in {"uuid.uuid1", "time.time"}:
        return taint(Kind.RANDOM, f"{full}:{line}:{column}", line, full)
    kind = _CALLS.get(name)
    if kind is None and "." in name:
        kind = _METHODS.get(last)
        if kind is Kind.ARGUMENT and "urllib" in name:
            kind = None
    if kind is None and last == "json" and _CLIENTS.match(name.rpartition(".")[0]):
        kind = Kind.NETWORK
    if kind is None and last in {"read", "readline", "readlines", "read_text", "read_bytes"}:
        opened = name.rpartition(".")[0]
        if opened.endswith(("open()", "Path()")) or opened in {"f", "file", "fp"}:
            kind = Kind.FILE
    return taint(kind, f"{full}:{line}:{column}", line, full) if kind is not None else None


def part(base: Value, key: Any, line: int) -> Value:
    """Give one element of data from outside: a source of its own, as checks are made of elements."""
    name = f"{base.name}[{key}]" if isinstance(key, str | int) else f"{base.name}[]"
    if not isinstance(key, str | int):
        return Value(taints=base.taints, name=name, whole=base.whole)
    taints = tuple(
        Taint(
            f"{each.source}[{key!r}]"[:200],
            each.kind,
            line if not each.steps else each.line,
            each.steps,
            each.safe,
            each.weak,
        )
        for each in base.taints
    )
    return Value(taints=taints, name=name[:200], whole=base.whole)


def free_name(machine: Machine, node: ast.Name) -> Value:
    """Give a name that the snippet defines nowhere; in a piece of a file it may hold anything."""
    kind = _NAMES.get(node.id)
    if kind is not None:
        return taint(kind, node.id, node.lineno, node.id)
    known = machine.memory.get(node.id)
    if known is None:
        known = Value(name=node.id)
        loose = machine.loose and node.id not in _BUILTINS and node.id.islower() and not _is_tool(node.id)
        if loose:
            known = taint(Kind.FREE, node.id, node.lineno, node.id)
        machine.memory[node.id] = known
    return known


_TOOLS = re.compile(
    r"^(?:.*_)?(?:conn|connection|cur|cursor|curs|db|database|session|engine|client|app|request|req|logger|log|config|settings|"
    r"os|sys|re|json|math|flask|django|api|router|bp|blueprint|parser|pool|tx|transaction|mysql|sqlite|redis|"
    r"ctx|context|loop|response|resp|res|writer|driver|server|ssh|ldap|table|table_name|table_names?|columns?|path|base_dir|"
    r"c|e|f|i|j|k|np|pd|plt|st|tk|root|window|helpers|utils|models?|schema|base_url|api_url|url|base|host|port)$"
)


def _is_tool(name: str) -> bool:
    """Tell names that hold what a program works with, seldom data from outside."""
    return bool(_TOOLS.match(name))


def free_attribute(full: str, name: str, line: int) -> Value:
    """Give an attribute that the snippet sets nowhere; in a piece of a file it may hold anything."""
    return Value(name=full) if _is_tool(name) or name.startswith("_") else taint(Kind.FREE, full, line, full)
