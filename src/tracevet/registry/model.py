"""What the registry knows of plugins: where each comes from, what it brings, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from tracevet.model import PolicyPack
from tracevet.plugin import Detector, Extractor, Notifier, Platform, Plugin, Reporter

P_co = TypeVar("P_co", bound=Plugin, covariant=True)

KINDS: Mapping[str, type] = MappingProxyType(
    {
        "platform": Platform,
        "extractor": Extractor,
        "detector": Detector,
        "notifier": Notifier,
        "reporter": Reporter,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a plugin comes from: an entry point of an installed distribution."""

    plugin: str  # name of the entry point
    distribution: str  # "unknown" for an entry point without one
    version: str
    target: str  # what the entry point names, as "module" or "module:attribute"

    @property
    def origin(self) -> str:
        """The plugin as messages name it."""
        return f"plugin {self.plugin!r} ({self.distribution} {self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One keyword argument of a plugin's constructor."""

    name: str
    type: str  # as a user reads it, e.g. "tuple[str, ...]"
    default: object
    annotation: Any = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Source, Generic[P_co]):
    """A plugin class that is fit to be used."""

    kind: str  # a key of KINDS
    cls: type[P_co]
    options: tuple[Option, ...]  # in the order of the constructor

    @property
    def name(self) -> str:
        """The name in configurations, unique in its kind."""
        return self.cls.name

    @property
    def summary(self) -> str:
        """The plugin's sentence about itself."""
        return self.cls.summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Source):
    """A policy pack, and the plugin that brought it."""

    pack: PolicyPack
    kind: str = "policy pack"

    @property
    def name(self) -> str:
        """The pack's own name."""
        return self.pack.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Source):
    """A plugin of which nothing is kept, and why; as text, the warning for a user."""

    stage: str  # "metadata", "version", "import", "register", "hook NAME" or "validate"
    cause: str  # one line

    def __str__(self) -> str:
        """Name plugin, distribution, stage and cause."""
        return f"{self.origin} is left out, it is broken at {self.stage}: {self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A name that several plugins bring, so that it means nothing; as text, the error for a user."""

    kind: str  # a key of KINDS, or "policy pack"
    name: str
    sources: tuple[Source, ...]  # by plugin and distribution

    def __str__(self) -> str:
        """Name every source, and what to write to be rid of all but one."""
        where = " and ".join(f"{source.origin} from {source.target}" for source in self.sources)
        ways = " or ".join(f'block = ["{name}"]' for name in self._blockable())
        return f"{where} both bring a {self.kind} named {self.name!r}; in the configuration write [plugins] {ways}"

    def _blockable(self) -> list[str]:
        """Names that block one source each; the host's own things are rarely the ones to give up."""
        distributions = {source.distribution for source in self.sources}
        by_plugin = len(distributions) < len(self.sources) or "unknown" in distributions
        foreign = [source for source in self.sources if source.distribution != "tracevet"] or self.sources
        return [source.plugin if by_plugin else source.distribution for source in foreign]
