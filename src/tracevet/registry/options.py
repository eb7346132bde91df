"""Options of a plugin: the keyword arguments of its constructor, and the values that a configuration gives them."""

import inspect
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from tracevet.errors import PluginError
from tracevet.plugin import Plugin
from tracevet.registry.model import Entry, Option
from tracevet.registry.words import Flaw, cause, listing, one_line, suggestion

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def options_of(cls: type[Plugin]) -> tuple[Option, ...]:
    """Return the options of a class, in the order of its constructor.

    Raises:
        Flaw: an argument can't be an option: no name, no default, no type, or a type that no configuration can give.
    """
    try:
        parameters = inspect.signature(cls, eval_str=True).parameters.values()
    except Exception as error:
        raise Flaw(f"the signature of {cls.__name__} can't be read: {cause(error)}") from error
    return tuple(_option(parameter) for parameter in parameters)


def checked(entry: Entry[Plugin], options: Mapping[str, object]) -> dict[str, object]:
    """Return the options as the constructor wants them: arrays made tuples or sets, strings made enums or paths.

    Text is never made a number, nor a number text. Messages hold no values: an option may be a secret.

    Raises:
        PluginError: an unknown option, or a value of the wrong type; the text says what to write.
    """
    known = {option.name: option for option in entry.options}
    for name in sorted(options.keys() - known.keys()):
        raise PluginError(
            f"{entry.kind} {entry.name!r} has no option {one_line(name)!r}; options: {listing(known)}"
            + suggestion(name, known)
        )
    return {name: _value(entry, known[name], value) for name, value in options.items()}


def _option(parameter: inspect.Parameter) -> Option:
    name, annotation = parameter.name, parameter.annotation
    if parameter.kind in VARIADIC:
        raise Flaw(f"the constructor takes {parameter}: each option needs a name of its own")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise Flaw(f"option {name!r} is positional only: options are given by name")
    if parameter.default is parameter.empty:
        raise Flaw(f"option {name!r} has no default")
    if annotation is parameter.empty:
        raise Flaw(f"option {name!r} has no annotation")
    try:
        TypeAdapter(annotation)
    except Exception as error:
        raise Flaw(f"option {name!r} is a {type_text(annotation)}, which no configuration can give") from error
    return Option(name=name, type=type_text(annotation), default=parameter.default, annotation=annotation)


def type_text(annotation: object) -> str:
    """Return a type as a user reads it."""
    if get_origin(annotation) is Annotated:
        return type_text(get_args(annotation)[0])
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return one_line(re.sub(r"\b(typing|collections\.abc)\.", "", repr(annotation)))


def _value(entry: Entry[Plugin], option: Option, value: object) -> object:
    try:
        return _strict(TypeAdapter(option.annotation), value)
    except ValidationError as error:
        why = _why(error, value)
    except Exception as error:  # the plugin boundary: a validator of the plugin's own
        why = f"; it failed with {type(error).__name__}"
    # outside of `except`: the errors' own texts show the value
    raise PluginError(f"option {option.name!r} of {entry.kind} {entry.name!r} must be {option.type}{why}")


def _why(error: ValidationError, value: object) -> str:
    flaw = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if flaw["loc"]:
        spot = "".join(f"[{step!r}]" for step in flaw["loc"])
        return f"; at {one_line(spot)}: {one_line(flaw['msg'])}"
    if flaw["type"].endswith("_type"):
        return f", not {type(value).__name__}"
    return f": {one_line(flaw['msg'])}"


def _strict(adapter: TypeAdapter[Any], value: object) -> object:
    """Validate without conversions, but for those JSON needs, and TOML with it: no tuples, sets, enums or paths."""
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError:
        try:
            text = json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            text = ""
        if not text:
            raise
        return adapter.validate_json(text, strict=True)
