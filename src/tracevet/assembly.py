"""From configuration and plugins to a setup that can vet."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from tracevet.config import Config
from tracevet.ledger import Ledger
from tracevet.model import Pattern, Policy
from tracevet.pipeline import Setup
from tracevet.plugin import Extractor, Notifier, Platform, Plugin, Reporter
from tracevet.policy import (
    SuppressionFile,
    effective_policies,
    patterns_of,
    read_suppressions,
    setup_digest,
    share,
)
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

    def begin(self, ledger: Ledger, say: Callable[[str], None] = lambda line: None) -> Setup:
        """Let a ledger know the policies and suppressions that hold from now on, and give the setup to vet under.

        `say` takes a line for each suppression that has come to its end. One ledger may be written or only read.

        Raises:
            ConfigError: a file of suppressions can't be read, or has a wrong key or value.
            LedgerError: the ledger can't be read or written.
        """
        ledger.note_policies({policy.id: setup_digest([policy]) for policy in self.policies})
        for file in suppression_files(self.config):
            ledger.suppressions.take(file)
        ledger.suppressions.settle()
        for kept in ledger.suppressions.expired():
            say(f"suppression {kept.id} ({kept.about()}) came to its end on {kept.expires}: it reports again")
        return self.setup(ledger.key)

    def engines(self) -> tuple[Engine, ...]:
        """Give the detectors that are enabled, with their options checked; none is built here.

        The policies' patterns are an option of the detectors that run them; one that has none to run is left out.

        Raises:
            ConfigError: no detector runs a policy's pattern; the text says what to install.
        """
        kind = "detector"
        options = plugin_options(self.config, kind)
        shares = self.patterns()
        found = ((name, self.registry.detectors[name].cls) for name in self._enabled(kind))
        return tuple(
            Engine(
                cls=cls,
                options=checked(self.registry.find(kind, name), options.get(name, {})) | patterns_option(shares, name),
            )
            for name, cls in found
            if name in shares or not cls.runs_patterns
        )

    def patterns(self) -> dict[str, dict[str, Pattern]]:
        """Give the policies' patterns by the detector that runs them, and by rule; raises as `engines` does."""
        runners = {name: self.registry.detectors[name].cls.runs_patterns for name in self._enabled("detector")}
        return share(patterns_of(self.policies), runners)

    def platform(self, name: str, **options: object) -> Platform:
        """Build a platform; options given here win over the configuration's."""
        return cast("Platform", self.create("platform", name, **options))

    def reporter(self, name: str, **options: object) -> Reporter:
        """Build a reporter; options given here win over the configuration's."""
        return cast("Reporter", self.create("reporter", name, **options))

    def notifier(self, channel: str) -> Notifier:
        """Build the notifier of a channel, [notifiers.CHANNEL]; raises as `create` does."""
        options = plugin_options(self.config, "notifier").get(channel, {})
        return self.registry.create("notifier", _plugin(channel, self.config.notifiers.get(channel, {})), options)

    def create(self, kind: str, name: str, **options: object) -> Plugin:
        """Build a plugin with the configuration's options and these."""
        return self.registry.create(kind, name, {**plugin_options(self.config, kind).get(name, {}), **options})

    def _enabled(self, kind: str) -> list[str]:
        tables: Mapping[str, Mapping[str, object]] = getattr(self.config, f"{kind}s")
        return [name for name in sorted(self.registry.entries(kind)) if tables.get(name, {}).get("enabled", True)]


def suppression_files(config: Config) -> list[SuppressionFile]:
    """Read the files of suppressions; where none is named, and none lies beside the configuration, that is empty.

    Raises:
        ConfigError: one can't be read, or has a wrong key or value.
    """
    today = datetime.now(UTC).date()
    named = config.suppressions.files is not None
    return [
        read_suppressions(path, today) if named or os.path.lexists(path) else SuppressionFile(name=str(path.resolve()))
        for path in config.suppression_files
    ]


def patterns_option(shares: Mapping[str, dict[str, Pattern]], detector: str) -> dict[str, object]:
    """Give the option that hands a detector its share of the patterns; none where it has none."""
    return {"patterns": shares[detector]} if detector in shares else {}


def plugin_options(config: Config, kind: str) -> dict[str, dict[str, object]]:
    """Give each configured plugin's options by its name; `enabled` and `plugin` are the host's, and not among them."""
    tables: Mapping[str, Mapping[str, object]] = getattr(config, f"{kind}s")
    ours = {"enabled", "plugin"} if kind == "notifier" else {"enabled"}
    return {name: {key: value for key, value in table.items() if key not in ours} for name, table in tables.items()}


def _named(config: Config) -> dict[str, list[str]]:
    """List the plugins that the configuration names: those must be there."""
    return {
        kind: [
            _plugin(name, table) if kind == "notifier" else name
            for name, table in getattr(config, f"{kind}s").items()
            if table.get("enabled", True)
        ]
        for kind in KINDS
    }


def _plugin(name: str, table: Mapping[str, object]) -> str:
    """Name the plugin that a channel is made by."""
    return str(table.get("plugin", name))
