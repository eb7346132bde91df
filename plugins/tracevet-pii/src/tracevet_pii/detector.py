"""The detector: the finders of all types over each snippet."""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import ClassVar

from tracevet import Confidence, ConfigError, Detector, Finding, Snippet, Surface
from tracevet_pii.birth_dates import find_birth_dates
from tracevet_pii.cards import Cards
from tracevet_pii.emails import Emails
from tracevet_pii.home_paths import find_home_paths
from tracevet_pii.ibans import Ibans
from tracevet_pii.ips import find_ips
from tracevet_pii.macs import find_macs
from tracevet_pii.merge import Datum, merge
from tracevet_pii.national_ids import NationalIds
from tracevet_pii.phones import Phones
from tracevet_pii.places import Places
from tracevet_pii.presidio import Presidio, installed
from tracevet_pii.rule import Finder, Hit
from tracevet_pii.ssns import find_ssns
from tracevet_pii.table import EXTRA_RULES, RULES
from tracevet_pii.view import View

_LIBRARIES = ("phonenumbers", "publicsuffixlist", "python-stdnum")
_ENGINES = ("own", "presidio")


class PiiDetector(Detector):
    """Finds personal data in any text: by form and checksum, weighed by the words around it."""

    name: ClassVar[str] = "pii"
    summary: ClassVar[str] = (
        "E-mail, phone, card, IBAN, national ids, IP and MAC addresses, home paths, dates of birth."
    )
    languages: ClassVar[frozenset[str]] = frozenset()
    surfaces: ClassVar[frozenset[Surface]] = frozenset(Surface)
    version: ClassVar[str] = "; ".join(
        (version("tracevet-pii"), *(f"{each} {version(each)}" for each in _LIBRARIES), *installed())
    )

    def __init__(
        self,
        *,
        types: tuple[str, ...] = (),
        regions: tuple[str, ...] = ("US",),
        allow_domains: tuple[str, ...] = (),
        allow: tuple[str, ...] = (),
        reserved: bool = False,
        engine: str = "own",
        model: str = "",
    ) -> None:
        """Load the engines.

        `types` are the only ones looked for; empty: all. `regions` are those whose phone numbers need no country
        code. Addresses at `allow_domains`, and below them, are no findings; nor is a value that one of the regular
        expressions in `allow` (Python's) matches whole. With `reserved`, what is kept for documentation, tests and
        private networks is found too, at low confidence. `engine` "presidio" adds presidio's recognizers on prose,
        with the installed spaCy `model`, if one is named.

        Raises:
            ConfigError: a type, region, engine or expression that doesn't exist.
            PluginError: presidio or the model is not installed.
        """
        self._types = _known(types)
        self._allow = _compiled(allow)
        self._reserved = reserved
        self._finders = tuple(self._make(regions, allow_domains))
        self._extra = _engine(engine, model)

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding]:
        """Yield one finding for each place of each datum, in the order of the text."""
        for snippet in snippets:
            data = [datum for datum in merge(self._hits(snippet)) if self._is_wanted(snippet.text, datum.hit)]
            if data:
                yield from _findings(snippet, data)

    def _make(self, regions: Sequence[str], domains: Sequence[str]) -> Iterator[Finder]:
        yield Emails(domains)
        yield Phones(regions)
        yield Cards()
        yield Ibans()
        yield NationalIds()
        yield from (find_ssns, find_ips, find_macs, find_home_paths, find_birth_dates)

    def _hits(self, snippet: Snippet) -> Iterator[Hit]:
        view = View(snippet.text, snippet.language)
        for finder in self._finders:
            yield from finder(view)
        if self._extra is not None:
            yield from self._extra(view)

    def _is_wanted(self, text: str, hit: Hit) -> bool:
        if (hit.reserved and not self._reserved) or (self._types and hit.rule.type not in self._types):
            return False
        return not any(pattern.fullmatch(text, hit.start, hit.end) for pattern in self._allow)


def _known(types: Iterable[str]) -> frozenset[str]:
    known = {rule.type for rule in (*RULES, *(rule for rule, _ in EXTRA_RULES))}
    for unknown in sorted(set(types) - known):
        raise ConfigError(f"pii: no type named {unknown!r}; known: {', '.join(sorted(known))}")
    return frozenset(types)


def _compiled(allow: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in allow)
    except re.error as error:
        raise ConfigError(f"pii: a pattern of `allow` is no regular expression: {error.msg} at {error.pos}") from None


def _engine(engine: str, model: str) -> Finder | None:
    if engine not in _ENGINES:
        raise ConfigError(f"pii: no engine named {engine!r}; known: {', '.join(_ENGINES)}")
    if model and engine != "presidio":
        raise ConfigError('pii: `model` is presidio\'s: set engine = "presidio" too, or leave it out')
    return Presidio(model) if engine == "presidio" else None


def _findings(snippet: Snippet, data: Sequence[Datum]) -> Iterator[Finding]:
    places = Places(snippet.text, [span for hit, mask in data for span in (hit[:2], mask)])
    for hit, mask in data:
        yield Finding(
            snippet=snippet.digest,
            detector=PiiDetector.name,
            rule=hit.rule.id,
            message=f"{hit.rule.title} in the text.",
            cwe=(hit.rule.cwe,),
            severity=hit.rule.severity,
            confidence=Confidence.LOW if hit.reserved else hit.confidence,
            region=places.region(hit.start, hit.end),
            masks=(places.region(*mask),),
            fix=hit.rule.fix,
        )
