"""Checks what a plugin brings, thing by thing."""

import inspect
import re
from dataclasses import asdict

from tracevet.model import PolicyPack, Surface
from tracevet.plugin import Detector, Plugin
from tracevet.registry.model import KINDS, Entry, Pack, Source
from tracevet.registry.options import options_of
from tracevet.registry.words import Flaw, listing, one_line, thing

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def entry(kind: str, cls: object, source: Source) -> Entry[Plugin]:
    """Return the entry for a class that fits its kind.

    Raises:
        Flaw: it does not; the text names the class and what to change.
    """
    base = KINDS[kind]
    if not isinstance(cls, type) or not issubclass(cls, base) or not issubclass(cls, Plugin):
        raise Flaw(f"{thing(cls)} is not a subclass of {base.__name__}")
    if inspect.isabstract(cls):
        raise Flaw(f"{thing(cls)} is abstract, it lacks: {listing(getattr(cls, '__abstractmethods__', ()))}")
    try:
        _check_words(cls)
        if issubclass(cls, Detector):
            _check_detector(cls)
        return Entry(**asdict(source), kind=kind, cls=cls, options=options_of(cls))
    except Flaw as flaw:
        raise Flaw(f"{thing(cls)}: {flaw}") from flaw


def pack(value: object, source: Source) -> Pack:
    """Return the pack with the plugin as its source, where it names none itself.

    Raises:
        Flaw: it is no policy pack.
    """
    if not isinstance(value, PolicyPack):
        raise Flaw(f"{thing(value)} is not a PolicyPack")
    return Pack(**asdict(source), pack=value if value.source else value.model_copy(update={"source": source.origin}))


def _check_words(cls: type[Plugin]) -> None:
    name, summary = getattr(cls, "name", None), getattr(cls, "summary", None)
    if not isinstance(name, str):
        raise Flaw("its `name` is missing or no string")
    if not NAME.fullmatch(name):
        raise Flaw(f"its name {one_line(name)!r} is not lower-case letters, digits and `-`")
    if not isinstance(summary, str) or not summary.strip():
        raise Flaw("its `summary` is missing, empty or no string")


def _check_detector(cls: type[Detector]) -> None:
    languages, surfaces = getattr(cls, "languages", None), getattr(cls, "surfaces", None)
    if not _all(languages, str) or any(not text or text != text.lower() for text in languages or ()):
        raise Flaw("its `languages` must be a frozenset of lower-case strings")
    if not surfaces or not _all(surfaces, Surface):
        raise Flaw("its `surfaces` must be a frozenset of at least one Surface")
    version = getattr(cls, "version", None)
    if not isinstance(version, str) or not version:
        raise Flaw("its `version` is missing, empty or no string")


def _all(value: object, kind: type) -> bool:
    return isinstance(value, frozenset) and all(isinstance(item, kind) for item in value)
