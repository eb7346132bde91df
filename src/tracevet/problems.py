"""Say what is wrong with a configuration or policy file: each problem with its line, and the way out."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tracevet.errors import ConfigError

Loc = tuple[str | int, ...]

_SHAPES = {  # by key: what its pattern wants, in words
    "id": "at most 28 characters of a-z, 0-9 and inner '-', such as 'sql-injection'",
    "cwe": "such as 'CWE-89'",
    "rules": "DETECTOR:RULE, such as 'bandit:B608' or 'bandit:B3*'",
    "except_rules": "DETECTOR:RULE, such as 'bandit:B608' or 'bandit:B3*'",
    "block": "lower-case letters, digits and '-', such as 'bandit'",
}
_TYPES = {  # by pydantic's type of error: what was wanted
    "tuple_type": "a list in [ ]",
    "list_type": "a list in [ ]",
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a table of keys",
    "model_attributes_type": "a table of keys",
    "dict_type": "a table of keys",
}
_SIZES = {
    "string_too_short": "not be empty",
    "string_too_long": "have at most {max_length} characters",
    "too_short": "not be empty",
    "greater_than": "be above {gt}",
    "greater_than_equal": "be at least {ge}",
    "less_than_equal": "be at most {le}",
}
_SHOWN = 60  # characters of a wrong value that a message quotes


class Problem(NamedTuple):
    """One thing wrong with a file."""

    line: int | None  # 1-based; None: of the file as a whole
    text: str


def complaint(source: str, problems: Iterable[Problem]) -> ConfigError:
    """Make the one error that lists all problems of a file, by line."""
    ordered = sorted(set(problems), key=lambda problem: (problem.line or 0, problem.text))
    return ConfigError("\n".join(f"{place(source, problem.line)}: {problem.text}" for problem in ordered))


def place(source: str, line: int | None) -> str:
    """Name a place in a file as editors read it."""
    return source if line is None else f"{source}:{line}"


def choices(word: str, known: Sequence[str], label: str) -> str:
    """Offer the nearest of the known words, and all of them."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{guess}{label}: {', '.join(known) or 'none'}"


def explain(
    error: ValidationError, model: type[BaseModel], line: Callable[[Loc], int | None], subject: Callable[[Loc], str]
) -> list[Problem]:
    """Translate what pydantic found wrong with data for `model`.

    Values are quoted only where a fixed set of words was expected: others may hold a secret.
    """
    found = []
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        if detail["type"] == "too_short" and detail["input"]:
            continue  # a list all of whose entries are wrong: those are told one by one
        about = subject(loc)
        found.append(Problem(line(loc), f"{about}: {_wording(detail, model)}" if about else _wording(detail, model)))
    return found


def _wording(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    key = next((step for step in reversed(loc) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        valid = tuple(_model_at(model, loc[:-1]).model_fields)
        return f"unknown key {_quoted(key)}; {choices(key, valid, 'valid keys')}"
    if kind == "missing":
        return f"the key {key!r} is missing"
    if kind == "enum":
        words = re.findall(r"'([^']*)'", str(context["expected"]))
        return f"{key} can't be {_quoted(detail['input'])}; {choices(str(detail['input']), words, 'valid values')}"
    if kind == "string_pattern_mismatch" and key in _SHAPES:
        return f"{key} can't be {_quoted(detail['input'])}; it must be {_SHAPES[key]}"
    name = key if loc and loc[-1] == key else "each entry"
    wanted = f"be {_TYPES[kind]}" if kind in _TYPES else _SIZES.get(kind, "").format(**context)
    return f"{name} must {wanted}" if wanted else f"{key}: {_plain(detail['msg'])}"


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel]:
    """Find the model that holds the keys at a place; keys of free tables and list positions lead nowhere."""
    for step in loc:
        field = model.model_fields.get(step) if isinstance(step, str) else None
        model = (_inner(field.annotation) if field else None) or model
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:  # an annotation may be any typing construct
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, get_args(annotation))), None)
