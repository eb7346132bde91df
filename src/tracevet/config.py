"""The configuration: `tracevet.toml` as typed values."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_config_path
from pydantic import AfterValidator, Field, PrivateAttr, ValidationError

from tracevet.model import Confidence, Mode, Severity, Surface
from tracevet.model.base import Frozen
from tracevet.problems import Loc, Problem, choices, complaint, explain
from tracevet.routing import RouteOptions
from tracevet.tomlfile import TomlFile

FILE = "tracevet.toml"
SUPPRESSIONS = "tracevet-suppressions.toml"


def _switchable(options: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(options.get("enabled", True), bool):
        raise ValueError("enabled must be true or false")  # noqa: TRY004 - pydantic takes a TypeError for a bug
    return options


def _channel(options: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(options.get("plugin", ""), str):
        raise ValueError("plugin must be text")  # noqa: TRY004 - pydantic takes a TypeError for a bug
    return _switchable(options)


# A channel's options, by its own name: those of the plugin that `plugin` names, else the plugin of the same name.
Channels = dict[str, Annotated[dict[str, Any], AfterValidator(_channel)]]
Address = Annotated[str, Field(min_length=1, max_length=200)]

# A plugin's own options, by its name, and `enabled`; the plugin's constructor says which options there are.
Plugins = dict[str, Annotated[dict[str, Any], AfterValidator(_switchable)]]


class LedgerOptions(Frozen):
    """[ledger]."""

    url: str | None = Field(None, min_length=1, description="URL of the database; none: a file in the data directory.")


class SuppressionOptions(Frozen):
    """[suppressions]."""

    files: tuple[Path, ...] | None = Field(None, description="Files; none: tracevet-suppressions.toml beside this one.")
    noisy_share: float = Field(0.5, ge=0, le=1, description="A rule of which people judge so much false is named.")
    noisy_least: int = Field(5, ge=1, strict=True, description="Judgements that this takes.")


class WorkerOptions(Frozen):
    """[workers]."""

    processes: int | None = Field(None, ge=1, le=1024, strict=True, description="Processes; none: one for each core.")
    seconds: float = Field(10.0, gt=0, le=86_400, strict=True, description="Limit for one snippet and one detector.")
    memory_mb: int = Field(2048, ge=0, strict=True, description="Private memory of one process; 0: no limit.")


class PolicyOverride(Frozen):
    """[policies.ID]: what to change of a policy; what isn't named stays."""

    mode: Mode | None = None
    severity: Severity | None = None
    min_confidence: Confidence | None = None
    refuted: bool | None = None
    surfaces: tuple[Surface, ...] | None = Field(None, min_length=1)
    languages: tuple[str, ...] | None = None
    recommendation: str | None = Field(None, min_length=1)


class PolicyOptions(Frozen):
    """[policies]: files of policies, and changes to policies by id."""

    files: tuple[Path, ...] = ()
    overrides: dict[str, PolicyOverride] = Field(default_factory=dict)


class PluginOptions(Frozen):
    """[plugins]."""

    block: tuple[str, ...] = Field((), description="Plugins or distributions that are not even imported.")


class AskFrom(StrEnum):
    """From which severity on a person is asked."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"

    @property
    def severity(self) -> Severity | None:
        """Give the severity; None is never."""
        return None if self is AskFrom.NEVER else Severity(self.value)


class Fail(StrEnum):
    """What becomes of what can't be vetted."""

    OPEN = "open"  # it goes on
    CLOSED = "closed"  # it is held back


class HookOptions(Frozen):
    """[hook]: how an assistant's hooks are answered."""

    threshold: Severity = Field(Severity.HIGH, description="Deny from this severity on.")
    ask: AskFrom = Field(AskFrom.MEDIUM, description="Below the threshold, ask from this severity on.")
    fail: Fail = Field(Fail.OPEN, description="What becomes of what can't be vetted.")
    seconds: float = Field(10.0, gt=0, le=25, strict=True, description="Limit for one event.")
    idle_minutes: float = Field(30.0, gt=0, le=1440, strict=True, description="Without events the server then ends.")


class Config(Frozen):
    """All settings, each with its default."""

    ledger: LedgerOptions = LedgerOptions()
    policies: PolicyOptions = PolicyOptions()
    workers: WorkerOptions = WorkerOptions()
    suppressions: SuppressionOptions = SuppressionOptions()
    plugins: PluginOptions = PluginOptions()
    hook: HookOptions = HookOptions()
    platforms: Plugins = Field(default_factory=dict)
    extractors: Plugins = Field(default_factory=dict)
    detectors: Plugins = Field(default_factory=dict)
    notifiers: Channels = Field(default_factory=dict)
    routes: dict[str, RouteOptions] = Field(default_factory=dict)
    developers: dict[str, Address] = Field(default_factory=dict, description="Identity in traces to address.")
    reporters: Plugins = Field(default_factory=dict)
    _file: TomlFile | None = PrivateAttr(None)

    @classmethod
    def load(cls, path: Path | None = None) -> "Config":
        """Read the file at `path`; without one ./tracevet.toml, else the one in the user's configuration directory.

        Where neither exists, everything has its default. Relative paths in it start from its own folder.

        Raises:
            ConfigError: `path` doesn't exist, or a file can't be read, or has a wrong key or value; with one line
                for each problem: place, what is wrong, what is valid.
        """
        found = path or next(filter(os.path.lexists, (Path(FILE), user_config_path("tracevet") / FILE)), None)
        return cls._of(TomlFile.read(found)) if found else cls()

    @classmethod
    def _of(cls, file: TomlFile) -> "Config":
        data, problems = _split_policies(file)
        try:
            config = cls.model_validate(data)
        except ValidationError as error:
            problems += explain(error, cls, lambda loc: file.line(_keys(loc)), _table)
        if problems:
            raise complaint(file.source, problems)
        files = tuple(Path(file.source).parent / os.path.expanduser(path) for path in config.policies.files)
        policies = config.policies.model_copy(update={"files": files})
        config = config.model_copy(update={"policies": policies})
        config._file = file
        return config

    @property
    def suppression_files(self) -> tuple[Path, ...]:
        """The files that are named, else the one beside this one, or in the working directory if nothing was read.

        That last one may not exist.
        """
        named, folder = self.suppressions.files, Path(self._file.source).parent if self._file else Path()
        return tuple(folder / os.path.expanduser(path) for path in ((SUPPRESSIONS,) if named is None else named))

    @property
    def source(self) -> str:
        """Name the file this was read from, for messages."""
        return self._file.source if self._file else "the configuration"

    def line(self, *keys: str) -> int | None:
        """Give the line on which a key stands in the file, 1-based."""
        return self._file.line(keys) if self._file else None


def _split_policies(file: TomlFile) -> tuple[dict[str, Any], list[Problem]]:
    """Tell [policies] files apart from the tables [policies.ID] that stand beside it."""
    table = file.data.get("policies")
    if not isinstance(table, dict):
        return file.data, []
    tables = {key: value for key, value in table.items() if key != "files" and isinstance(value, dict)}
    options = {"overrides": tables} | ({"files": table["files"]} if "files" in table else {})
    wrong = [key for key in table if key != "files" and key not in tables]
    valid = ("files", "a table [policies.ID] for each policy to change")
    problems = [
        Problem(
            file.line(("policies", key)), f"[policies]: unknown key {key[:60]!r}; {choices(key, valid, 'valid keys')}"
        )
        for key in wrong
    ]
    return {**file.data, "policies": options}, problems


def _keys(loc: Loc) -> tuple[str, ...]:
    """Give the keys in the file that a place in the data stands for; positions in lists have no line of their own."""
    keys = tuple(step for step in loc if isinstance(step, str))
    return (keys[0], *keys[2:]) if keys[:2] == ("policies", "overrides") else keys


def _table(loc: Loc) -> str:
    """Name the table that a place is in, as the file writes it."""
    tables = _keys(loc)[:-1]
    return f"[{'.'.join(tables)}]" if tables else ""
