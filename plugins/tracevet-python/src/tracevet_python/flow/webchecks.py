"""Weak whatever the data: settings of cookies, servers and templates, slow patterns, secrets in logs."""

import re
from collections.abc import Iterator

from tracevet_python.flow.calling import Call
from tracevet_python.flow.checks import names_in, off, on
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.regexes import is_catastrophic
from tracevet_python.flow.values import elements
from tracevet_python.flow.webconditions import is_logger


@on("set_cookie", "set_signed_cookie", "SimpleCookie")
def _cookie(call: Call) -> Iterator[Hit]:
    if (
        call.last not in {"set_cookie", "set_signed_cookie"}
        or "**" in call.named
        or (not call.arguments and not call.named)
    ):
        return
    name = call.const(0, "key", "name")
    important = not isinstance(name, str) or re.search(r"sess|auth|token|sid|user|remember|login|jwt|csrf", name, re.I)
    for keyword, rule in (("secure", "insecure-cookie"), ("httponly", "script-cookie")):
        value = call.named.get(keyword)
        if value is None:
            yield Hit(rule, call.node, lower=0 if important else 1)
        elif value.known and not value.const:
            yield Hit(rule, call.node)


@on("run", "run_simple", "run_app", "run_server", "debug")
def _run(call: Call) -> Iterator[Hit]:
    if call.name.startswith(("subprocess", "asyncio")):
        return
    flag = call.get(None, "debug", "use_debugger")
    if flag is not None and flag.known and flag.const is True:
        yield Hit("debug-mode", call.node)
    host = call.const(0 if call.last == "run" else None, "host", "hostname")
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # looked for
        yield Hit("bind-all", call.node)


@on("bind", "listen", "HTTPServer", "TCPServer", "ThreadingHTTPServer", "create_server", "start_server")
def _bind(call: Call) -> Iterator[Hit]:
    for value in call.arguments[:2]:
        first = value.fields.get(0) if value.shape == "tuple" else value
        if first is not None and first.known and first.const in {"0.0.0.0", "::"}:  # noqa: S104  # looked for
            yield Hit("bind-all", call.node)


@on("CORS", "add_middleware", "cross_origin")
def _cors(call: Call) -> Iterator[Hit]:
    origins = call.get(None, "origins", "allow_origins")
    every = origins is not None and any(each.const == "*" for each in [origins, *elements(origins)] if each.known)
    credentials = call.const(None, "supports_credentials", "allow_credentials") is True
    if credentials and (every or (call.last != "add_middleware" and origins is None)):
        yield Hit("cross-origin", call.node)
    elif every:
        yield Hit("cross-origin", call.node, lower=1)


@on("Environment", "SandboxedEnvironment", "Jinja2Templates")
def _environment(call: Call) -> Iterator[Hit]:
    if not call.name.startswith(("jinja2", "Environment")) or call.last != "Environment":
        return
    escape = call.get(None, "autoescape")
    if escape is None and "**" not in call.named:
        yield Hit("autoescape-off", call.node, lower=1)
    elif off(escape):
        yield Hit("autoescape-off", call.node)


@on("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "split")
def _pattern(call: Call) -> Iterator[Hit]:
    pattern = call.const(0, "pattern")
    if call.name.startswith("re.") and isinstance(pattern, str) and is_catastrophic(pattern):
        yield Hit("regex-dos", call.node)


_LOGGED = re.compile(
    r"(?:^|[\s_])(?:password|passwd|pwd|secret|api_?key|private_key|credit_card|card_number|cvv|ssn|access_token|auth_token|secret_key)(?:$|\s)",
    re.I,
)


@on("debug", "info", "warning", "warn", "error", "critical", "exception", "log")
def _logged(call: Call) -> Iterator[Hit]:
    if is_logger(call.name.rpartition(".")[0]) and any(_LOGGED.search(names_in(each)) for each in call.node.args):
        yield Hit("sensitive-log", call.node, lower=0)
