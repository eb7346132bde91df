"""From configuration and plugins to a setup that can vet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from tracevet.config import Config
from tracevet.model import Policy
from tracevet.pipeline import Setup
from tracevet.plugin import Extractor, Platform, Plugin, Reporter
from tracevet.policy import effective_policies
from tracevet.registry import KINDS, Registry, checked
from tracevet.workers import Engine

P = TypeVar("P", bound=Plugin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The configuration, what is installed, and the policies that hold."""

    config: Config
    registry: Registry
    policies: tuple[Policy, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> "Assembly":
        """Read the configuration and load the plugins.

        Raises:
            ConfigError: a wrong key or value in the configuration or a policy file.
            PluginError: a plugin that the configuration names is missing or broken, or two plugins clash.
        """
        return cls.of(Config.load(path))

    @classmethod
    def of(cls, config: Config) -> "Assembly":
        """Load the plugins for a configuration at hand; raises as `load` does."""
        registry = Registry.load(block=config.plugins.block, required=_named(config))
        registry.require_sound()
        return cls(config=config, registry=registry, policies=effective_policies(config, registry.packs))

    def setup(self, key: bytes) -> Setup:
        """Put together how traces are vetted; `key` is the ledger's, for the HMACs of masked values."""
        extractors = tuple(cast("Extractor", self.create("extractor", name)) for name in self._enabled("extractor"))
        return Setup(extractors=extractors, engines=self.engines(), policies=self.policies, key=key)

    def engines(self) -> tuple[Engine, ...]:
        """Give the detectors that are enabled, with their options checked; none is built here."""
        kind = "detector"
        options = plugin_options(self.config, kind)
        return tuple(
            Engine(
                cls=self.registry.detectors[name].cls,
                options=checked(self.registry.find(kind, name), options.get(name, {})),
            )
            for name in self._enabled(kind)
        )

    def platform(self, name: str, **options: object) -> Platform:
        """Build a platform; options given here win over the configuration's."""
        return cast("Platform", self.create("platform", name, **options))

    def reporter(self, name: str, **options: object) -> Reporter:
        """Build a reporter; options given here win over the configuration's."""
        return cast("Reporter", self.create("reporter", name, **options))

    def create(self, kind: str, name: str, **options: object) -> Plugin:
        """Build a plugin with the configuration's options and these."""
        return self.registry.create(kind, name, {**plugin_options(self.config, kind).get(name, {}), **options})

    def _enabled(self, kind: str) -> list[str]:
        tables: Mapping[str, Mapping[str, object]] = getattr(self.config, f"{kind}s")
        return [name for name in sorted(self.registry.entries(kind)) if tables.get(name, {}).get("enabled", True)]


def plugin_options(config: Config, kind: str) -> dict[str, dict[str, object]]:
    """Give each configured plugin's options by its name; `enabled` is the host's, and not among them."""
    tables: Mapping[str, Mapping[str, object]] = getattr(config, f"{kind}s")
    return {name: {key: value for key, value in table.items() if key != "enabled"} for name, table in tables.items()}


def _named(config: Config) -> dict[str, list[str]]:
    """List the plugins that the configuration names: those must be there."""
    return {
        kind: [name for name, table in getattr(config, f"{kind}s").items() if table.get("enabled", True)]
        for kind in KINDS
    }
