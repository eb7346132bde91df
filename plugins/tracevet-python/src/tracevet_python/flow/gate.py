"""Which functions are worth running: those that name something weak, or call one that does."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator

from tracevet_python.flow.checks import NAMES
from tracevet_python.flow.sinks import SINKS
from tracevet_python.parse import Places

_WORD = re.compile(r"[A-Za-z_]\w*")
_WEB = frozenset(
    [
        "request",
        "req",
        "argv",
        "input",
        "raw_input",
        "route",
        *("errorhandler", "exception_handler", "format_exc"),
        "get_argument",
        "event",
        "Request",
        "HttpRequest",
        "self.rfile",
        "recv",
        "match_info",
        "websocket",
        "FieldStorage",
        "parse_args",
        "bottle",
        "flask",
        "django",
        "fastapi",
        "tornado",
        "aiohttp",
        "sanic",
        "falcon",
        "pyramid",
        "starlette",
        "GET",
        "POST",
        "prompt",
    ]
)
_FRAMEWORKS = frozenset(
    [
        *("flask", "django", "fastapi", "bottle", "tornado", "aiohttp", "sanic", "falcon", "starlette", "pyramid"),
        *("streamlit", "lambda_handler", "BaseHTTPRequestHandler", "FieldStorage", "get_argument", "on_get", "on_post"),
        *("websocket", "websockets", "WebSocket"),
    ]
)
_ROUTES = frozenset({"route", "get", "post", "put", "delete", "patch", "websocket", "api_route", "errorhandler"})
_ROUTE = re.compile(r"@\w+\.(?:route|get|post|put|delete|patch|websocket|api_route|errorhandler)\(")
_REQUESTS = {  # word -> how it stands where a request is read; a pattern that starts with a word is quick to search
    "request": re.compile(r"request\s*[.,):]"),
    "event": re.compile(r"event(?:\[|\.get\()"),
    "rfile": re.compile(r"self\.rfile"),
    "main": re.compile(r"main\(req"),
}
_ARGUMENTS = {
    "input",
    "raw_input",
    "parse_args",
    "parse_known_args",
    "recv",
    "recvfrom",
    "prompt",
    "getpass",
    "text_input",
}
_LDAP = re.compile(r"ldap|\([&|!]\(|\((?:uid|cn|mail|sAMAccountName|objectClass)=")
_COMMAND = re.compile(r"@\w*\.?command\(")
_COMMON = frozenset(
    [
        "get",
        "post",
        "put",
        "delete",
        "head",
        "patch",
        "options",
        "find",
        "search",
        "open",
        "format",
        "range",
        "join",
        "sub",
        "split",
        "match",
        "compile",
        "getattr",
        "setattr",
        "info",
        "debug",
        "error",
        "warning",
        "warn",
        "log",
        "exception",
        "filter",
        "text",
        "connect",
        "run",
        "new",
        "decode",
        "encode",
        "update",
        "set",
        "write",
        "save",
        "text",
        "login",
        "bind",
        "Context",
        "generate",
        "call",
        "file",
        "redirect",
        "stat",
        "query",
        "fetch",
        "parse",
        "load",
        "loads",
        "mkdir",
        "makedirs",
        "rename",
        "replace",
        "remove",
        "unlink",
        "where",
        "order_by",
        "having",
        "cursor",
        "exec_",
        "move",
        "request",
        "send_command",
        "local",
        "find_one",
        "Template",
        "prepare",
        "listen",
        "write_text",
        "read_text",
        "iterdir",
        "listdir",
        "walk",
        "copy",
        "link",
        "escape",
        "Response",
        "critical",
        "finish",
        "search_ext",
        "add_header",
        "split",
        "finditer",
        "findall",
        "fullmatch",
        "append",
        "setdefault",
        "add",
        "AES",
        "sleep",
        "print",
        "scandir",
    ]
)
_ALWAYS = frozenset(
    [
        "SECRET_KEY",
        "secret_key",
        "access",
        *("namelist", "infolist", "getnames", "getmembers", "setattr", "__dict__"),
        "DEBUG",
        "check_hostname",
        "verify_mode",
        "CERT_NONE",
        "verify",
        "random",
        "password",
        "passwd",
        "pwd",
        "api_key",
        "auth",
        "hashlib",
        "subprocess",
        "pickle",
        "yaml",
        "marshal",
        "minimum_version",
        "_create_unverified_context",
        "_create_default_https_context",
        "jwt",
        "WTF_CSRF_ENABLED",
        "shelve",
        "dill",
        "cPickle",
        "jsonpickle",
        "joblib",
        "lxml",
        "etree",
        "xpath",
        "search_s",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "autoescape",
        "AES",
        "DES",
        "DES3",
        "RSA",
        "DSA",
        "ARC4",
        "Blowfish",
        "modes",
        "rsa",
        "dsa",
        "hmac",
        "Fernet",
        "cursor_",
        "socket",
        "CORS",
        "csrf_exempt",
        "urlopen",
        "requests",
        "httpx",
    ]
)
_QUIET = frozenset({"compile", "open", "new"}) | _COMMON


class Gate:
    """Tells which parts of a text name something that may be weak."""

    def __init__(self, text: str, module: ast.Module, places: Places) -> None:
        """Look the text through, once."""
        self._places = places
        self.words = frozenset(_WORD.findall(text))
        self.web = _reads_requests(text, self.words)
        self.entered = self.web or _reads_arguments(text, self.words)
        self._functions = list(_functions(module))
        hot = self._hot_words(text)
        self.open = bool(hot & self.words)
        self._at = [match.start() for match in _WORD.finditer(text) if match.group() in hot] if self.open else []
        self._spread(text)

    def _hot_words(self, text: str) -> frozenset[str]:
        names = frozenset(SINKS) | frozenset(NAMES)
        hot = (names if self.web else names - _QUIET) | _ALWAYS | (_WEB if self.entered else frozenset())
        if "/tmp/" in text:  # noqa: S108  # looked for
            hot |= {"open"}
        if _LDAP.search(text):
            hot |= {"search", "search_s"}
        if "smtplib" in text or "ftplib" in text:
            hot |= {"login"}
        if "0.0.0.0" in text:  # noqa: S104  # looked for
            hot |= {"bind", "run"}
        if re.search(r"[+*]\)[+*{]", text):
            hot |= {"compile", "match", "search", "fullmatch", "findall", "sub", "split"}
        return hot

    def _spread(self, text: str) -> None:
        """Take functions that name a hot function for hot, too."""
        self.hot: set[ast.AST] = set()
        fresh = {node for node in self._functions if self._names_any(node)}
        while fresh:
            self.hot |= fresh
            if not self.web:  # who reads arguments names them; what it calls is run from there
                return
            names = {getattr(node, "name", "") for node in fresh}
            at = [match.start() for match in _WORD.finditer(text) if match.group() in names]
            fresh = {node for node in self._functions if node not in self.hot and self._contains(node, at)}

    def _names_any(self, node: ast.AST) -> bool:
        return self._contains(node, self._at)

    def _contains(self, node: ast.AST, at: list[int]) -> bool:
        decorators = getattr(node, "decorator_list", ())
        first = min([getattr(node, "lineno", 1), *(each.lineno for each in decorators)])
        start = self._places.offset(first, 0)
        end = self._places.offset(getattr(node, "end_lineno", first), 1_000_000)
        found = bisect_left(at, start)
        return found < len(at) and at[found] < end


def _reads_requests(text: str, words: frozenset[str]) -> bool:
    if not words.isdisjoint(_FRAMEWORKS):
        return True
    if any(word in words and form.search(text) for word, form in _REQUESTS.items()):
        return True
    return not words.isdisjoint(_ROUTES) and "@" in text and bool(_ROUTE.search(text))


def _reads_arguments(text: str, words: frozenset[str]) -> bool:
    if "argv" in words or any(word in words and f"{word}(" in text for word in _ARGUMENTS):
        return True
    return "command" in words and "@" in text and bool(_COMMAND.search(text))


def _functions(module: ast.Module) -> Iterator[ast.AST]:
    """Give all functions, without looking into expressions."""
    stack: list[ast.AST] = [module]
    while stack:
        node = stack.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                stack += inner
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
