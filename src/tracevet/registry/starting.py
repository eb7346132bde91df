"""Builds plugins from their options, and runs their self-checks."""

from collections.abc import Iterable, Mapping
from itertools import islice

from pydantic import SecretBytes, SecretStr

from tracevet.errors import PluginError, TracevetError
from tracevet.plugin import Plugin
from tracevet.registry.model import Entry
from tracevet.registry.options import checked
from tracevet.registry.words import cause, one_line, thing

CAP = 1000  # problems of one self-check
SENTENCE = 1000  # characters of one problem


def start(entry: Entry[Plugin], options: Mapping[str, object]) -> Plugin:
    """Build the plugin.

    Raises:
        PluginError: a wrong option, or its constructor failed.
        TracevetError: what the constructor raises on purpose.
    """
    values = checked(entry, options)
    try:
        return entry.cls(**values)
    except (KeyboardInterrupt, TracevetError):
        raise
    except BaseException as error:
        secrets = _secrets(values.values())
        text = f"{entry.kind} {entry.name!r} of {entry.origin} is broken at start: {cause(error, secrets)}"
        raise PluginError(text) from (None if secrets else error)  # a traceback would show what the text masks


def problems(entry: Entry[Plugin], options: Mapping[str, object]) -> list[str]:
    """Build the plugin, let it check itself, and return what is wrong, one line a problem; empty when it's fine."""
    try:
        plugin = start(entry, options)
    except TracevetError as error:
        return [one_line(str(error), SENTENCE)]
    secrets = _secrets(checked(entry, options).values())
    found: list[str] = []
    try:
        result: object = plugin.check()
        if not isinstance(result, Iterable) or isinstance(result, str | bytes):
            return [f"its check() returned {thing(result)}, not an iterable of sentences"]
        for problem in islice(result, CAP):
            text = one_line(problem, SENTENCE) if isinstance(problem, str) else f"its check() yielded {thing(problem)}"
            found.append(text)
        if len(found) == CAP:
            found.append(f"its check() was stopped after {CAP} problems")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the plugin boundary
        found.append(f"its check() failed: {cause(error, secrets)}")
    return found


def _secrets(values: Iterable[object]) -> list[str]:
    texts = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    raw = [value.get_secret_value() for value in values if isinstance(value, SecretBytes)]
    return texts + [value.decode("utf-8", "replace") for value in raw]
