"""Banned imports and calls as ast-grep rules: how each language spells them."""

import re
from collections.abc import Iterator
from typing import Any

Rule = dict[str, Any]

_SEPARATOR = r"\s*(?:\?\.|\.|::|->|\\|/)\s*"
_BELOW = r"\s*(?:\.|::|\\)"
_SCRIPT = ("javascript", "typescript", "tsx")

# By language: kinds of nodes, and what their text must look like; NAME is the module.
IMPORTS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        ("import_statement", rf"(?:^import|,)\s+NAME(?:{_BELOW}|\s*,|\s+as\b|\s*$)"),
        ("import_from_statement", r"^from\s+NAME[\s.]"),
        ("call", r"""^(?:__import__|(?:importlib\s*\.\s*)?import_module)\s*\(\s*[rbuRBU]?['"]+NAME['".]"""),
    ),
    **dict.fromkeys(
        _SCRIPT,
        (
            ("import_statement", r"""(?:\bfrom|^import(?:\s+type)?)\s*['"](?:node:)?NAME(?:/[^'"]*)?['"]"""),
            ("export_statement", r"""\bfrom\s*['"](?:node:)?NAME(?:/[^'"]*)?['"]"""),
            ("call_expression", r"""^(?:require(?:\.resolve)?|import)\s*\(\s*['"`](?:node:)?NAME(?:/[^'"`]*)?['"`]"""),
        ),
    ),
    "java": (("import_declaration", rf"^import\s+(?:static\s+)?NAME(?:{_BELOW}|\s*;|\s*$)"),),
    "kotlin": (("import_header", rf"^import\s+NAME(?:{_BELOW}|\s|$)"),),
    "csharp": (
        ("using_directive", rf"^(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?NAME(?:{_BELOW}|\s*;|\s*$)"),
    ),
    "go": (("import_spec", r'["`]NAME(?:/[^"`]*)?["`]'),),
    "php": (("namespace_use_declaration", rf"(?:^use(?:\s+function|\s+const)?|,)\s+\\?NAME(?:{_BELOW}|[\s;,]|$)"),),
    "ruby": (("call", r"""^(?:require|require_relative|load)[\s(]+['"]NAME(?:/[^'"]*)?['"]"""),),
    "rust": (
        ("use_declaration", rf"\buse\s+(?:::)?NAME(?:{_BELOW}|[\s;]|$)"),
        ("extern_crate_declaration", r"\bcrate\s+NAME\b"),
    ),
    **dict.fromkeys(("c", "cpp"), (("preproc_include", r'[<"]NAME[>"]'),)),
}

_ROUND = r"\s*\("
# By language: kinds of calls, and what follows the name in their text.
CALLS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (("call", _ROUND),),
    **dict.fromkeys(
        _SCRIPT, (("call_expression", rf"\s*(?:<[^()]*>)?\s*(?:\?\.)?{_ROUND}"), ("new_expression", r"\b"))
    ),
    "java": (("method_invocation", _ROUND), ("object_creation_expression", r"\s*[<({]")),
    "kotlin": (("call_expression", r"\s*(?:<[^()]*>)?\s*[({]"),),
    "csharp": (("invocation_expression", rf"\s*(?:<[^()]*>)?{_ROUND}"), ("object_creation_expression", r"\s*[<({]")),
    "go": (("call_expression", rf"\s*(?:\[[^()]*\])?{_ROUND}"),),
    "php": (
        ("function_call_expression", _ROUND),
        ("member_call_expression", _ROUND),
        ("scoped_call_expression", _ROUND),
        ("object_creation_expression", r"\b"),
    ),
    "ruby": (("call", r"(?:\s*\(|\s|$)"),),
    "rust": (("call_expression", rf"\s*(?:::\s*<[^()]*>)?{_ROUND}"), ("macro_invocation", r"\s*!")),
    **dict.fromkeys(("c", "cpp"), (("call_expression", rf"\s*(?:<[^()]*>)?{_ROUND}"),)),
    "shell": (("command", r"(?:\s|$)"),),
}

# By language: kinds of calls, and the field that holds what is called, for `*.name`.
METHODS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (("call", "function"),),
    **dict.fromkeys(_SCRIPT, (("call_expression", "function"),)),
    "java": (("method_invocation", "name"),),
    "csharp": (("invocation_expression", "function"),),
    "go": (("call_expression", "function"),),
    "php": (("member_call_expression", "name"), ("scoped_call_expression", "name")),
    "ruby": (("call", "method"),),
    "rust": (("call_expression", "function"),),
    **dict.fromkeys(("c", "cpp"), (("call_expression", "function"),)),
}

# By language: what shows that a function came in under its bare name; MODULE and NAME are its parts.
_BARE: dict[str, str] = {
    "python": r"from\s+MODULE\s+import\s+(?:\([^)]*\bNAME\b|[^\n]*\bNAME\b)",
    **dict.fromkeys(
        _SCRIPT,
        r"""\{[^}]*\bNAME\b[^}]*\}\s*(?:=\s*require\s*\(\s*|from\s*)['"](?:node:)?MODULE['"]""",
    ),
}


def imported(module: str, language: str) -> Rule:
    """Give the rule for any way to import a module, or what lies below it."""
    rules = [_node(kind, text.replace("NAME", _spelled(module))) for kind, text in IMPORTS[language]]
    owner, _, name = module.rpartition(".")
    if owner and language == "python":
        text = rf"^from\s+{_spelled(owner)}\s+import\s(?:[\s\S]*[\s,(])?{re.escape(name)}(?:[\s,)]|$)"
        rules.append(_node("import_from_statement", text))
    return {"any": rules}


def called(function: str, language: str) -> Iterator[tuple[Rule, str]]:
    """Give rules for a call of a function, each with a regex that the code must hold; "" is none."""
    if function.startswith("*."):
        name = re.escape(function[2:])
        yield {"any": [_method(kind, field, name) for kind, field in METHODS[language]]}, ""
        return
    yield _call(function, language), ""
    owner, _, name = function.rpartition(".")
    if owner and language in _BARE:
        given = _BARE[language].replace("MODULE", _spelled(owner)).replace("NAME", re.escape(name))
        yield _call(name, language), given


def _call(function: str, language: str) -> Rule:
    head = rf"^(?:new\s+)?\\?(?:this{_SEPARATOR})?{_spelled(function)}"
    return {"any": [_node(kind, head + rest) for kind, rest in CALLS[language]]}


def _method(kind: str, field: str, name: str) -> Rule:
    regex = rf"^{name}$" if field in {"name", "method"} else rf"(?:\.|::|->)\s*{name}$"
    return {"kind": kind, "has": {"field": field, "regex": regex}}


def _node(kind: str, regex: str) -> Rule:
    return {"kind": kind, "regex": regex}


def _spelled(name: str) -> str:
    """Give a regex for a dotted name, however it is spaced and whichever sign stands between its parts."""
    parts = re.split(r"::|->|[.\\]", name) if "/" not in name else [name]
    return _SEPARATOR.join(map(re.escape, parts))
