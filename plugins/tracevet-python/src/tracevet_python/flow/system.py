"""Weak whatever the data: TLS and SSH without checks, files open to others, parsers told to expand."""

import re
from collections.abc import Iterator

from tracevet_python.flow.calling import Call
from tracevet_python.flow.checks import off, on
from tracevet_python.flow.machine import Hit

_SHARED = ("/tmp/", "/var/tmp/")  # noqa: S108  # looked for, not used
_STICKY = 0o1777  # of shared directories: only the owner of a file may remove it


@on("_create_unverified_context", "set_missing_host_key_policy")
def _unverified(call: Call) -> Iterator[Hit]:
    if call.last == "set_missing_host_key_policy":
        policy = call.get(0, "policy")
        if policy is not None and re.search(r"AutoAddPolicy|WarningPolicy", policy.name):
            yield Hit(
                "tls-unverified",
                call.node,
                fix="Use paramiko.RejectPolicy and load_system_host_keys.",
                cwe=("CWE-295", "CWE-322"),
            )
    else:
        yield Hit("tls-unverified", call.node)


@on("SSLContext", "wrap_socket", "TCPConnector", "Context")
def _versions(call: Call) -> Iterator[Hit]:
    for value in (*call.arguments, *call.named.values()):
        if re.search(r"(?:PROTOCOL_(?:SSLv2|SSLv3|TLSv1|TLSv1_1)|SSLv[23]_METHOD|TLSv1(?:_1)?_METHOD)$", value.name):
            yield Hit("tls-version", call.node)
    if call.last == "TCPConnector" and (off(call.named.get("ssl")) or off(call.named.get("verify_ssl"))):
        yield Hit("tls-unverified", call.node)
    required = call.named.get("cert_reqs")
    if required is not None and required.name.endswith("CERT_NONE"):
        yield Hit("tls-unverified", call.node)


@on("PoolManager", "HTTPSConnectionPool")
def _pool(call: Call) -> Iterator[Hit]:
    required = call.named.get("cert_reqs")
    if required is not None and (required.name.endswith("CERT_NONE") or required.const == "CERT_NONE"):
        yield Hit("tls-unverified", call.node)


@on("mktemp", "tempnam", "tmpnam")
def _temporary(call: Call) -> Iterator[Hit]:
    if call.name in {"tempfile.mktemp", "mktemp", "os.tempnam", "os.tmpnam"}:
        yield Hit("temporary-file", call.node)


@on("open")
def _fixed_temporary(call: Call) -> Iterator[Hit]:
    name, mode = call.const(0, "file"), call.const(1, "mode")
    if (
        call.name == "open"
        and isinstance(name, str)
        and name.startswith(_SHARED)
        and isinstance(mode, str)
        and re.search("[wa]", mode)
    ):  # looked for
        yield Hit("temporary-file", call.node, lower=1)


@on("chmod", "fchmod", "mkdir", "makedirs", "umask", "mkfifo", "lchmod")
def _permissions(call: Call) -> Iterator[Hit]:
    place = {"umask": 0, "chmod": 0 if not call.name.startswith("os.") else 1}.get(call.last, 1)
    mode = call.const(place, "mode")
    if not isinstance(mode, int) or isinstance(mode, bool) or not call.name.startswith(("os.", "Path", "pathlib")):
        return
    if call.last == "umask":
        if mode == 0:
            yield Hit("file-permissions", call.node)
    elif (mode & 0o002 and call.last not in {"mkdir", "makedirs"}) or (
        mode & 0o002
        and call.last in {"mkdir", "makedirs"}
        and place < len(call.arguments) + len(call.named)
        and mode != _STICKY
    ):
        yield Hit("file-permissions", call.node)
    elif mode & 0o020 and call.last.endswith("chmod"):
        yield Hit("file-permissions", call.node, lower=1)


@on("extractall", "extract")
def _archive(call: Call) -> Iterator[Hit]:
    if call.last == "extract" and "tarfile.open()" in call.name and "filter" not in call.named:
        yield Hit("archive-traversal", call.node, lower=1)
    tar = re.search(r"tarfile\.|tar\b|TarFile|(?:^|[._])(?:t|tf|tgz|tar_?\w*)\.extractall$", call.name)
    if (
        call.last == "extractall"
        and tar
        and "zip" not in call.name.lower()
        and "filter" not in call.named
        and "members" not in call.named
    ):
        yield Hit("archive-traversal", call.node)


@on("XMLParser", "setFeature", "XMLPullParser")
def _xml(call: Call) -> Iterator[Hit]:
    entities, dtd = call.const(None, "resolve_entities"), call.const(None, "load_dtd")
    if (
        call.last == "XMLParser"
        and ("lxml" in call.name or call.name.startswith("etree"))
        and (entities is True or dtd is True or call.const(None, "no_network") is False)
    ):
        yield Hit("xxe", call.node, lower=0)
    if (
        call.last == "setFeature"
        and len(call.arguments) > 1
        and call.arguments[1].known
        and call.arguments[1].const
        and re.search(
            r"external_ges|external_pes|external-general-entities|external-parameter-entities",
            f"{call.arguments[0].name} {call.arguments[0].text}",
        )
    ):
        yield Hit("xxe", call.node)
