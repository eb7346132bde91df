"""Weak whatever the data: passwords that are part of the code, sent in the clear, stored or logged as they are."""

import ast
import re
from collections.abc import Iterator

from tracevet_python.flow.calling import Call
from tracevet_python.flow.checks import PASSWORD, is_secret, names_in, on
from tracevet_python.flow.machine import Hit

_PAIR = 2  # user and password


@on("post", "put", "get", "request")
def _cleartext(call: Call) -> Iterator[Hit]:
    """A password that goes over plain HTTP."""
    url = call.get(1 if call.last == "request" else 0, "url")
    if url is None or url.text is None or not re.match(r"http://(?!localhost|127\.|0\.0\.0\.0|\0)", url.text):
        return
    if "auth" in call.named or any(PASSWORD.search(names_in(each.value)) for each in call.node.keywords):
        yield Hit("cleartext", call.node)


@on("write", "dump", "writerow")
def _stored(call: Call) -> Iterator[Hit]:
    """A password that is stored as it is."""
    given = " ".join(names_in(each) for each in call.node.args)
    if re.search(r"(?:^|[\s_])(?:password|passwd)(?:$|\s)", given, re.I) and not re.search(
        r"hash|crypt|digest|getpass|masked|wfile|stdout|stderr", given + call.name, re.I
    ):
        yield Hit("stored-password", call.node, lower=1)


@on(
    "login",
    "HTTPBasicAuth",
    "connect",
    "Connection",
    "authenticate",
    "MongoClient",
    "create_engine",
    "Redis",
    "get",
    "post",
    "put",
    "request",
)
def _login(call: Call) -> Iterator[Hit]:
    auth = call.named.get("auth")
    if auth is not None and auth.shape in {"tuple", "list"} and len(auth.fields) == _PAIR and is_secret(auth.fields[1]):
        yield Hit("hardcoded-credentials", call.node, secret=call.node_of(None, "auth"))
    if (
        call.last in {"HTTPBasicAuth", "login"}
        and len(call.arguments) > 1
        and is_secret(call.arguments[1])
        and call.last != "get"
    ):  # user, password
        node = call.node_of(1)
        yield Hit(
            "hardcoded-credentials",
            call.node,
            lower=0 if call.last != "login" else 1,
            secret=node if isinstance(node, ast.Constant | ast.Name) else None,
        )
    if (
        call.last == "connect"
        and len(call.arguments) > _PAIR
        and is_secret(call.arguments[2])
        and "sql" in call.name.lower()
    ):  # host, user, password
        yield Hit("hardcoded-credentials", call.node, secret=call.node_of(2))
    if (
        call.arguments
        and isinstance(call.arguments[0].const, str)
        and re.match(r"^[a-z][\w+]*://[^:/@\s]+:[^@/\s{}<$]{3,}@", call.arguments[0].const)
    ):
        yield Hit("hardcoded-credentials", call.node, secret=call.node_of(0))
