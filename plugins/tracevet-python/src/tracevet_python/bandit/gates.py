"""Gates: cheap conditions without which one of bandit's own checks finds nothing.

They save most of the time that bandit takes. A gate may let pass what its check then refuses, never the other way
round; the tests compare with bandit itself. They are written against the versions in `VERIFIED`: with another
version every check runs everywhere, which is slower, and right.
"""

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tracevet_python.bandit import sql
from tracevet_python.bandit.passwords import NAME, password_at

VERIFIED = ("1.9.",)

NodeGate = Callable[[Any], object]


def _never(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class CallGate:
    """Lets a call pass by the dotted name of what is called, or by the name of one of its keyword arguments."""

    name: Callable[[str], object] = _never
    keyword: Callable[[str], object] = _never


def call_gate(rule: str, config: Any) -> CallGate | None:
    """Give the gate of a check of calls; None where it must see them all."""
    if rule == "B001":
        return _blacklisted(config)
    if rule in _BY_CONFIG:
        return _parts(_last_parts(config))
    return _CALLS.get(rule)


def node_gate(rule: str, config: Any) -> NodeGate | None:
    """Give the gate of a check of other nodes, or of the whole text; None where it must see them all."""
    if rule == "B108":
        prefixes = tuple(config["tmp_dirs"])
        return lambda node: node.value.startswith(prefixes)
    return _NODES.get(rule)


def _parts(words: Collection[str]) -> CallGate:
    return CallGate(name=lambda name: not set(name.split(".")).isdisjoint(words))


def _within(word: str) -> CallGate:
    return CallGate(name=lambda name: word in name)


def _keywords(*words: str) -> CallGate:
    return CallGate(keyword=lambda name: name in words)


def _last_parts(config: Mapping[str, Any]) -> frozenset[str]:
    """The last parts of all dotted names in a check's settings."""
    listed = (name for value in config.values() if isinstance(value, list) for name in value)
    return frozenset(name.rpartition(".")[2] for name in listed) | {"Markup"}


def _blacklisted(config: Mapping[str, Any]) -> CallGate:
    names = {name for entry in config.get("Call", ()) for name in entry["qualnames"]}
    names |= {"__import__", "importlib.import_module", "importlib.__import__"}
    return CallGate(name=lambda name: name in names)


def _has_defaults(node: ast.FunctionDef) -> bool:
    return bool(node.args.defaults)


_BY_CONFIG = frozenset({"B602", "B603", "B605", "B606", "B607", "B609", "B704"})
_CALLS: dict[str, CallGate] = {
    "B102": _parts({"exec"}),
    "B103": _within("chmod"),
    "B106": CallGate(keyword=NAME.search),
    "B113": _parts({"requests", "httpx"}),
    "B201": _keywords("debug"),
    "B202": _within("extractall"),
    "B324": _parts({"hashlib", "crypt"}),
    "B501": _keywords("verify"),
    "B502": _keywords("method", "ssl_version"),
    "B504": _parts({"wrap_socket"}),
    "B505": _parts({"generate_private_key", "generate"}),
    "B506": _parts({"yaml"}),
    "B507": _parts({"set_missing_host_key_policy"}),
    "B508": _parts({"CommunityData"}),
    "B509": _parts({"UsmUserData"}),
    "B601": _parts({"exec_command"}),
    "B604": _keywords("shell"),
    "B610": _parts({"extra"}),
    "B611": _parts({"RawSQL"}),
    "B612": _parts({"listen"}),
    "B614": _parts({"torch"}),
    "B615": _parts({"from_pretrained", "load_dataset", "hf_hub_download", "snapshot_download", "repository_id"}),
    "B701": _parts({"jinja2"}),
    "B702": _parts({"mako"}),
    "B703": _parts({"mark_safe", "SafeText", "SafeUnicode", "SafeString", "SafeBytes"}),
}
_NODES: dict[str, NodeGate] = {
    "B104": lambda node: node.value == "0.0.0.0",  # noqa: S104  # what the check looks for
    "B105": password_at,
    "B107": _has_defaults,
    "B503": _has_defaults,
    "B608": sql.may_match,
    "B613": lambda text: not text.isascii(),
}
