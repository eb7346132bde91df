"""The detector: the rule table and the assignment model over each snippet."""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import ClassVar

from tracevet import ConfigError, Detector, Finding, Snippet, Surface
from tracevet_secrets.assignments import Assignments
from tracevet_secrets.engine import engine_version
from tracevet_secrets.kubernetes import find_kubernetes
from tracevet_secrets.merge import Secret, merge
from tracevet_secrets.places import Places, encode
from tracevet_secrets.rule import Hit
from tracevet_secrets.rules import RULES
from tracevet_secrets.rules.generic import REDACTED
from tracevet_secrets.tokens import Tokens

_PROBE = b'password = "k9-Vrx!82"'


class SecretsDetector(Detector):
    """Finds secrets in any text: by the form of a provider's token, or by the name that a value is given."""

    name: ClassVar[str] = "secrets"
    summary: ClassVar[str] = "Provider tokens, private keys, logins in URLs and headers, passwords in assignments."
    languages: ClassVar[frozenset[str]] = frozenset()
    surfaces: ClassVar[frozenset[Surface]] = frozenset(Surface)
    version: ClassVar[str] = f"{version('tracevet-secrets')} ({engine_version()})"

    def __init__(self, *, skip: tuple[str, ...] = (), allow: tuple[str, ...] = ()) -> None:
        """Load the engine.

        `skip` names rules that are not reported. `allow` holds regular expressions (Python's); a value that one
        of them matches whole is known to be harmless.

        Raises:
            ConfigError: a rule that doesn't exist, or an expression that isn't one.
        """
        self._skip = _known(skip)
        self._allow = _compiled(allow)
        self._tokens = Tokens(RULES)
        self._assignments = Assignments()

    def check(self) -> Iterator[str]:
        """Say so when the engine is there but finds nothing, as a broken build of it would."""
        if not any(self._hits(_PROBE, "")):
            yield f"{engine_version()} finds nothing in a text that holds a password; reinstall it"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding]:
        """Yield one finding for each place of each secret, in the order of the text."""
        for snippet in snippets:
            data = encode(snippet.text)
            secrets = [
                secret for secret in merge(self._hits(data, snippet.language)) if self._is_wanted(data, secret.hit)
            ]
            if secrets:
                yield from _findings(snippet, data, secrets)

    def _hits(self, data: bytes, language: str) -> Iterator[Hit]:
        yield from self._tokens.find(data)
        yield from self._assignments.find(data, language)
        yield from find_kubernetes(data)

    def _is_wanted(self, data: bytes, hit: Hit) -> bool:
        if hit.rule.id in self._skip:
            return False
        text = data[hit.start : hit.end].decode("utf-8", "replace") if self._allow else ""
        return not any(pattern.fullmatch(text) for pattern in self._allow)


def _known(skip: Iterable[str]) -> frozenset[str]:
    ids = {rule.id for rule in RULES}
    for unknown in sorted(set(skip) - ids):
        raise ConfigError(f"secrets: no rule named {unknown!r} to skip; known: {', '.join(sorted(ids))}")
    return frozenset(skip)


def _compiled(allow: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in allow)
    except re.error as error:
        raise ConfigError(
            f"secrets: a pattern of `allow` is no regular expression: {error.msg} at {error.pos}"
        ) from None


def _findings(snippet: Snippet, data: bytes, secrets: Sequence[Secret]) -> Iterator[Finding]:
    places = Places(data, [span for secret in secrets for span in (secret.hit[:2], secret.mask)])
    for hit, mask in secrets:
        yield Finding(
            snippet=snippet.digest,
            detector=SecretsDetector.name,
            rule=hit.rule.id,
            message=f"{hit.rule.title}.",
            cwe=(hit.rule.cwe,),
            severity=hit.rule.severity,
            confidence=hit.confidence,
            region=places.region(hit.start, hit.end),
            masks=() if hit.rule is REDACTED else (places.region(*mask),),
        )
