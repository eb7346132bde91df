"""What to tell a user who names a plugin that isn't there."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from tracevet.registry.model import Broken, Source
from tracevet.registry.words import listing, one_line, suggestion

SHOWN = 3  # guesses at why a plugin is missing; `tracevet plugins` shows them all

# the extra of the tracevet distribution that installs a plugin of ours
EXTRAS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("platform", "langfuse"): "langfuse",
        ("platform", "langsmith"): "langsmith",
        ("detector", "bandit"): "python",
    }
)


def missing(
    kind: str, name: str, known: Collection[str], *, broken: Sequence[Broken], blocked: Sequence[Source]
) -> str:
    """Say that no plugin has the name, which do, and how it may be had."""
    ours = {each for of_kind, each in EXTRAS if of_kind == kind}
    text = f"no {kind} named {one_line(name)!r}; known: {listing(known)}{suggestion(name, {*known, *ours} - {name})}"
    extra = EXTRAS.get((kind, name), "")
    likely = {name, f"tracevet-{name}"} | ({extra, f"tracevet-{extra}"} if extra else set())
    absent = (*broken, *blocked)
    suspects = [source for source in absent if likely & {source.plugin, source.distribution}]
    if suspects:
        return "; ".join((text, *map(_why_not, suspects)))
    if extra:
        return f"{text}; pip install 'tracevet[{extra}]' brings it"
    return "; ".join((text, *(f"it may be missing because {_why_not(source)}" for source in absent[:SHOWN])))


def _why_not(source: Source) -> str:
    return str(source) if isinstance(source, Broken) else f"{source.origin} is blocked by [plugins] block"
