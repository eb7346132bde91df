"""What well-known functions and methods return: folded where all is constant, told apart by element where not."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tracevet_python.flow.calling import Call
from tracevet_python.flow.targets import with_item
from tracevet_python.flow.text import concatenate, fill_braces
from tracevet_python.flow.values import (
    HOLE,
    UNKNOWN,
    Value,
    constant,
    elements,
    join,
    sequence,
    union,
)

Modelled = tuple[Value | None, Value | None]  # the result, and the receiver as it is afterwards
_FOLDED = frozenset(
    [
        "upper",
        "lower",
        "strip",
        "lstrip",
        "rstrip",
        "title",
        "capitalize",
        "swapcase",
        "replace",
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "find",
        "index",
        "count",
        "encode",
        "decode",
        "removeprefix",
        "removesuffix",
        "split",
    ]
)
_FOLD_CAP = 100_000  # characters that a replacement may come to
_SIMPLE: dict[str, Callable[..., Any]] = {
    "len": len,
    "int": int,
    "str": str,
    "abs": abs,
    "min": min,
    "max": max,
    "bool": bool,
}
_PASSES = re.compile(
    r"^(?:str|bytes|compile|repr|list|tuple|set|dict|sorted|reversed|iter|next|enumerate|zip|map|filter|bytearray|unicode|memoryview|vars|"
    r"copy\.\w+|os\.path\.(?:join|abspath|normpath|realpath|expanduser|expandvars|dirname|splitext)|"
    r"os\.(?:fspath|fsencode|fsdecode)|pathlib\.\w*Path|Path|PurePath|io\.\w+|StringIO|BytesIO|"
    r"urllib\.parse\.\w+|urllib\.(?:unquote\w*|urlencode)|unquote\w*|urljoin|urlparse|urlsplit|parse_qs|urllib2?\.\w+|yarl\.URL|"
    r"base64\.\w+|binascii\.\w+|codecs\.\w+|html\.unescape|json\.(?:loads|dumps)|ast\.literal_eval|textwrap\.\w+|"
    r"sqlalchemy\.text|text|sqlalchemy\.sql\.text|string\.Template|re\.sub|re\.split|re\.findall|re\.search|re\.match|"
    r"lxml\.etree\.\w+|markupsafe\.Markup|Markup|format|"
    r"flask\.(?:make_response|Response|redirect|jsonify)|make_response|Response|HttpResponse|.*\.HttpResponse|functools\.partial|"
    r"markdown\.markdown|django\.utils\.safestring\.mark_safe|mark_safe|jinja2\.Template|shlex\.(?:split|join)|.*\.Template|"
    r"datetime\..*|.*urlencode|typing\.cast|cast|.*\.(?:format|join|strip|split|get|getlist|decode|encode|pop|items|values|keys|"
    r"get_json|getvalue|read|replace|lower|upper|format_map|setdefault|substitute|safe_substitute|joinpath|resolve|with_suffix|"
    r"with_name|expanduser|absolute|as_posix|fromstring|getfirst|dict|model_dump|copy|group|groups|match|search|partition|"
    r"rpartition|splitlines|ljust|rjust|zfill|expandtabs|translate|title|capitalize|readlines|readline|to_dict|prompt))$"
)


@lru_cache(maxsize=4_096)
def passes(name: str) -> bool:
    """Tell whether a function returns what it is given, in another form."""
    return bool(_PASSES.match(name))


def method(call: Call) -> Modelled | None:  # noqa: PLR0911  # one case for each kind of receiver
    """Give what a call returns and how it changes its receiver; None if it is not modelled."""
    receiver = call.receiver
    if receiver is None:
        return _function(call)
    if receiver.shape:
        return _container(call, receiver)
    if receiver.text is not None or receiver.known:
        return _string(call, receiver)
    if call.name.startswith(("os.path.", "base64.")):
        return _module(call)
    if "ConfigParser()" in receiver.name and call.last in {"set", "get", "add_section"}:
        return _config(call, receiver)
    if call.last == "join" and call.arguments and receiver.name.endswith(".sep"):
        return _joined(constant("/"), call), None
    return None


def _function(call: Call) -> Modelled | None:
    if call.name in _SIMPLE and call.arguments and all(each.known for each in call.arguments):
        return _fold(_SIMPLE[call.name], *(each.const for each in call.arguments)), None
    if call.name in {"list", "tuple", "set", "sorted", "reversed", "dict", "iter", "enumerate"}:
        return _converted(call), None
    if call.name == "str" and call.arguments:
        value = call.arguments[0]
        return replace(value, name=f"str({value.name})", const=value.const) if value.text is not None else None, None
    if call.name in {"min", "max", "next"} and call.arguments:
        parts = [part for each in call.arguments for part in (elements(each) if each.shape else [each])]
        return union(parts), None
    return None


def _converted(call: Call) -> Value | None:
    if not call.arguments:
        shape: Any = call.name if call.name in {"list", "tuple", "set", "dict"} else "list"
        return Value(shape=shape, fields=dict(call.named) if call.name == "dict" else {})
    value = call.arguments[0]
    if call.name == "enumerate" and value.shape:
        return Value(shape="list", rest=sequence("tuple", [UNKNOWN, union(elements(value))]))
    if not value.shape:
        return None
    if call.name in {"sorted", "reversed", "set", "iter"}:
        return Value(
            shape="set" if call.name == "set" else "list",
            rest=union(elements(value)) if value.fields or value.rest else None,
        )
    return replace(value, shape="tuple" if call.name == "tuple" else "list" if call.name == "list" else value.shape)


def _fold(function: Callable[..., Any], *parts: Any) -> Value:
    try:
        result = function(*parts)
    except Exception:  # constants of a hostile snippet: anything may be raised, and means the same
        return UNKNOWN
    if isinstance(result, list | tuple):
        return sequence("list", [constant(each) for each in result])
    return constant(result)


def _string(call: Call, receiver: Value) -> Modelled | None:
    if call.last == "format":
        return fill_braces(receiver, call.arguments, dict(call.named), call.node), None
    if call.last == "format_map" and call.arguments:
        named = {str(key): value for key, value in call.arguments[0].fields.items()}
        return fill_braces(receiver, (), named, call.node), None
    if call.last == "join" and call.arguments:
        return _joined(receiver, call), None
    if receiver.known and call.last in _FOLDED and all(each.known for each in call.arguments) and not call.named:
        consts = [each.const for each in call.arguments]
        if (
            call.last != "replace"
            or len(str(receiver.const)) * max((len(str(each)) for each in consts), default=0) < _FOLD_CAP
        ):  # characters
            return _fold(getattr(type(receiver.const), call.last, len), receiver.const, *consts), None
    return None


def _joined(separator: Value, call: Call) -> Value:
    parts = call.arguments[0]
    if not parts.shape:
        whole = parts.whole and separator.whole
        built = call.node if parts.built else None
        return Value(taints=parts.taints, text=(separator.text or "") + HOLE, built=built, whole=whole)
    if parts.rest is not None:
        every = union(elements(parts))
        return concatenate(concatenate(every, separator, call.node), every, call.node)
    result = constant("")
    for index, each in enumerate(parts.fields.values()):
        result = concatenate(concatenate(result, separator, call.node) if index else result, each, call.node)
    return result


def _module(call: Call) -> Modelled | None:
    if call.name == "os.path.join" and call.arguments:
        result = call.arguments[0]
        for each in call.arguments[1:]:
            result = concatenate(concatenate(result, constant("/"), call.node), each, call.node)
        return result, None
    if call.name in {"base64.b64encode", "base64.b64decode"} and call.arguments and call.arguments[0].known:
        return _fold(getattr(base64, call.last), call.arguments[0].const), None
    return None


def _config(call: Call, receiver: Value) -> Modelled:
    """Model ConfigParser: a value is stored under a section and an option."""
    keys = [each.const for each in call.arguments[:2] if each.known]
    place = "/".join(map(str, keys))
    if call.last == "set" and len(call.arguments) > 2:  # noqa: PLR2004  # section, option, value
        return UNKNOWN, replace(receiver, fields={**receiver.fields, place: call.arguments[2]})
    if call.last == "get":
        return receiver.fields.get(place, UNKNOWN), None
    return UNKNOWN, None


def _container(call: Call, receiver: Value) -> Modelled | None:
    model = _METHODS.get(call.last)
    return model(receiver, call) if model is not None else None


def _append(receiver: Value, call: Call) -> Modelled:
    value = call.arguments[-1] if call.arguments else UNKNOWN
    if call.last == "insert" and receiver.rest is None and call.arguments and call.arguments[0].known:
        items = list(receiver.fields.values())
        place = call.arguments[0].const
        if isinstance(place, int):
            items.insert(place, value)
            return UNKNOWN, sequence(receiver.shape, items)
    if receiver.rest is None and call.last in {"append", "add"}:
        return UNKNOWN, sequence(receiver.shape, [*receiver.fields.values(), value])
    return UNKNOWN, replace(receiver, rest=join(receiver.rest, value) if receiver.rest is not None else value)


def _extend(receiver: Value, call: Call) -> Modelled:
    added = call.arguments[0] if call.arguments else UNKNOWN
    if receiver.shape == "dict":
        merged = {**receiver.fields, **(added.fields if added.shape == "dict" else {}), **dict(call.named)}
        loose = [each for each in (receiver.rest, added.rest, None if added.shape else added) if each is not None]
        return UNKNOWN, replace(receiver, fields=merged, rest=union(loose) if loose else None)
    if receiver.rest is None and added.shape and added.rest is None:
        return UNKNOWN, sequence(receiver.shape, [*receiver.fields.values(), *added.fields.values()])
    parts = [*elements(receiver), *(elements(added) if added.shape else [added])]
    return UNKNOWN, Value(shape=receiver.shape, rest=union(parts))


def _pop(receiver: Value, call: Call) -> Modelled:
    if receiver.shape == "list" and receiver.rest is None and receiver.fields:
        place = call.arguments[0].const if call.arguments and call.arguments[0].known else -1
        items = list(receiver.fields.values())
        if isinstance(place, int) and -len(items) <= place < len(items):
            gone = items.pop(place)
            return gone, sequence("list", items)
    if receiver.shape == "dict" and call.arguments and call.arguments[0].known:
        fields = dict(receiver.fields)
        gone_value = fields.pop(call.arguments[0].const, receiver.rest or UNKNOWN)
        return gone_value, replace(receiver, fields=fields)
    return union(elements(receiver)), None


def _get(receiver: Value, call: Call) -> Modelled:
    if receiver.shape != "dict" or not call.arguments:
        return None, None
    key, default = call.arguments[0], call.get(1, "default")
    if key.known and key.const in receiver.fields:
        result = receiver.fields[key.const]
    elif key.known:
        result = (
            join(receiver.rest, default or constant(None)) if receiver.rest is not None else default or constant(None)
        )
    else:
        result = union([*elements(receiver), default or constant(None)])
    return result, with_item(receiver, key, result) if call.last == "setdefault" else None


def _items(receiver: Value, call: Call) -> Modelled:
    if receiver.shape != "dict":
        return None, None
    values = union(elements(receiver))
    keys = union(constant(key) for key in receiver.fields) if receiver.fields and receiver.rest is None else UNKNOWN
    part = {"items": sequence("tuple", [keys, values]), "keys": keys, "values": values}[call.last]
    return Value(shape="list", rest=part), None


def _clear(receiver: Value, _: Call) -> Modelled:
    return UNKNOWN, Value(shape=receiver.shape)


def _turn(receiver: Value, call: Call) -> Modelled:
    if call.last == "copy":
        return receiver, None
    if call.last == "reverse" and receiver.rest is None:
        return UNKNOWN, sequence(receiver.shape, reversed(list(receiver.fields.values())))
    return UNKNOWN, Value(shape=receiver.shape, rest=union(elements(receiver)))


def _remove(receiver: Value, call: Call) -> Modelled:
    if receiver.rest is None and call.arguments and call.arguments[0].known:
        items = list(receiver.fields.values())
        for index, each in enumerate(items):
            if each.known and each.const == call.arguments[0].const:
                return UNKNOWN, sequence(receiver.shape, items[:index] + items[index + 1 :])
    return UNKNOWN, Value(shape=receiver.shape, rest=union(elements(receiver)))


_METHODS: dict[str, Callable[[Value, Call], Modelled]] = {
    **dict.fromkeys(("append", "add", "insert", "appendleft"), _append),
    **dict.fromkeys(("extend", "update"), _extend),
    **dict.fromkeys(("pop", "popitem", "popleft"), _pop),
    **dict.fromkeys(("get", "setdefault"), _get),
    **dict.fromkeys(("items", "keys", "values"), _items),
    **dict.fromkeys(("sort", "reverse", "copy"), _turn),
    **dict.fromkeys(("remove", "discard"), _remove),
    "clear": _clear,
}
