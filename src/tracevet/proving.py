"""Do a policy's patterns find what their examples say?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracevet.assembly import Assembly, patterns_option, plugin_options
from tracevet.errors import ConfigError
from tracevet.model import Finding, Gap, Pattern, PatternKind, Snippet, Surface
from tracevet.plugin import Detector
from tracevet.policy import described

_TEXT = "text"  # as which the examples of a regular expression for every language are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the examples of some patterns came to."""

    examples: int = 0
    failures: tuple[str, ...] = field(default=())  # a sentence for each example that failed


def prove(assembly: Assembly) -> Proof:
    """Run the examples of the patterns of an assembly's policies.

    Raises:
        ConfigError: a pattern can't be read, or nobody runs it; the text has a line for each.
    """
    examples, failures, wrong = 0, [], []
    for name, share in assembly.patterns().items():
        for rule, pattern in share.items():
            try:
                detector = _built(assembly, name, rule, pattern)
                for number, is_bad, snippet in _examples(rule, pattern):
                    examples += 1
                    failures += _failure(detector, snippet, is_bad, f"{described(rule, pattern)}: {number}")
            except ConfigError as error:
                wrong.append(str(error))
    if wrong:
        raise ConfigError("\n".join(wrong))
    return Proof(examples=examples, failures=tuple(failures))


def _built(assembly: Assembly, name: str, rule: str, pattern: Pattern) -> Detector:
    options = plugin_options(assembly.config, "detector").get(name, {})
    return assembly.registry.create("detector", name, {**options, **patterns_option({name: {rule: pattern}}, name)})


def _examples(rule: str, pattern: Pattern) -> Iterator[tuple[str, bool, Snippet]]:
    """Yield each example in each of its languages: its name, whether something is to be found in it, and its code."""
    for word, is_bad, listed in (("valid", False, pattern.valid), ("invalid", True, pattern.invalid)):
        for number, example in enumerate(listed, 1):
            for language, text in example.items():
                for each in [language] if language else _languages(rule, pattern):
                    snippet = Snippet(text=text, language=each, surface=Surface.APPLIED, span="", pointer="")
                    yield f"{word} example {number} ({each})", is_bad, snippet


def _languages(rule: str, pattern: Pattern) -> Sequence[str]:
    if not pattern.languages and pattern.kind is not PatternKind.REGEX:
        raise ConfigError(f"{described(rule, pattern)}: give languages, or each example's: {{python: ...}}")
    return pattern.languages or (_TEXT,)


def _failure(detector: Detector, snippet: Snippet, is_bad: bool, name: str) -> list[str]:
    said = list(detector.scan([snippet]))
    found = any(isinstance(each, Finding) for each in said)
    if gap := next((each for each in said if isinstance(each, Gap)), None):
        return [f"{name} could not be read: {gap.detail}"]
    if found == is_bad:
        return []
    return [f"{name} is {'not found' if is_bad else 'found, and should not be'}"]
