"""The optional engine: presidio's recognizers for what has no checksum, on prose alone."""

import logging
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tracevet import PluginError
from tracevet_pii.rule import Hit, Rule, grade
from tracevet_pii.table import EXTRA_RULES
from tracevet_pii.view import Setting, View

_DISTRIBUTION = "presidio-analyzer"
_BY_ENTITY: dict[str, Rule] = {entity: rule for rule, entities in EXTRA_RULES for entity in entities}
# Only what our own finders lack: presidio's recognizer of addresses would ask the network for domains.
_RECOGNIZERS = ("UsPassportRecognizer", "UsLicenseRecognizer", "UsBankRecognizer", "MedicalLicenseRecognizer")
_CHUNK = 100_000  # characters; spaCy refuses 1 000 000, and memory grows with them
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # spaCy can't encode one that stands alone
_SURE, _LEAST = 0.8, 0.4  # presidio's scores; below it is what no word nearby speaks for


def installed() -> tuple[str, ...]:
    """Name presidio and its version, where it is installed."""
    try:
        return (f"presidio {version(_DISTRIBUTION)}",)
    except PackageNotFoundError:
        return ()


class Presidio:
    """Runs presidio over prose; names of people and places need a spaCy model."""

    def __init__(self, model: str = "") -> None:
        """Load presidio and the model; downloads nothing.

        Raises:
            PluginError: one of them is not installed.
        """
        try:
            analyzer: Any = import_module("presidio_analyzer")  # ships no types that hold
            nlp: Any = import_module("presidio_analyzer.nlp_engine")
            spacy: Any = import_module("spacy")
        except ImportError as error:
            raise PluginError(
                "pii: engine 'presidio' can't be imported; pip install 'tracevet-pii[presidio]'"
            ) from error
        if model and not spacy.util.is_package(model):
            raise PluginError(
                f"pii: the spaCy model {model!r} is not installed; run `python -m spacy download {model}`, "
                "or leave `model` out"
            )
        engine = nlp.SpacyNlpEngine()
        engine.nlp = {"en": spacy.load(model) if model else _blank(spacy)}
        recognizers: Any = import_module("presidio_analyzer.predefined_recognizers")
        wanted = [getattr(recognizers, name)() for name in _RECOGNIZERS] + [recognizers.SpacyRecognizer()] * bool(model)
        registry = analyzer.RecognizerRegistry(recognizers=wanted, supported_languages=["en"])
        self._analyzer = analyzer.AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)  # it may quote what it reads

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield what presidio sees in prose."""
        if view.setting is not Setting.PROSE:
            return
        for offset in range(0, len(view.text), _CHUNK):
            text = _SURROGATE.sub("\ufffd", view.text[offset : offset + _CHUNK])
            for found in self._analyzer.analyze(
                text=text, language="en", entities=list(_BY_ENTITY), score_threshold=_LEAST
            ):
                points = 1 + (found.score >= _SURE) - view.is_sample(offset + found.start, offset + found.end)
                yield Hit(offset + found.start, offset + found.end, _BY_ENTITY[found.entity_type], grade(points))


def _blank(spacy: Any) -> Any:
    """Make a pipeline that needs no model; words stand for their lemmas, by which presidio reads the context."""
    spacy.Language.component("tracevet_pii_words", func=_words)
    pipeline = spacy.blank("en")
    pipeline.add_pipe("tracevet_pii_words")
    return pipeline


def _words(doc: Any) -> Any:
    for token in doc:
        token.lemma_ = token.lower_
    return doc
