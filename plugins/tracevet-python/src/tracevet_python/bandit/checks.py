"""Choose and set up checks by the detector's options, without touching anything global in bandit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracevet import ConfigError
from tracevet_python.bandit import gates
from tracevet_python.bandit.engine import Engine
from tracevet_python.bandit.gates import CallGate, NodeGate
from tracevet_python.bandit.sql import Guard

Settings = Mapping[str, Mapping[str, bool | int | str | Sequence[str]]]
BLACKLIST = "B001"  # bandit's one check behind all its lists of names


@dataclass(frozen=True, slots=True)
class Check:
    """One check of bandit's, ready to be called with a bandit context."""

    rule: str
    kinds: tuple[str, ...]  # names of node types; also "Str", "Bytes" and "File"
    run: Callable[[Any], Any]  # gives a bandit issue or None
    call_gate: CallGate | None = None
    node_gate: NodeGate | None = None


def select(engine: Engine, *, skip: Sequence[str], only: Sequence[str], settings: Settings) -> tuple[Check, ...]:
    """Give the checks for some options, sorted by rule.

    Raises:
        ConfigError: a rule or setting that does not exist, or nothing left to check.
    """
    for option, rules in (("skip", skip), ("only", only)):
        _refuse_unknown(option, rules, engine.rules)
    wanted = set(only or engine.rules) - set(skip)
    if not wanted:
        raise ConfigError("detector 'bandit': 'skip' leaves nothing of 'only'; name other rules in one of them")
    configs = _configs(engine, settings)
    checks = [_check(engine, each, configs) for each in engine.functions if each._test_id in wanted]
    return (*checks, *_list_check(engine, wanted))


def _check(engine: Engine, function: Any, configs: Mapping[str, Any]) -> Check:
    rule = function._test_id
    takes = hasattr(function, "_takes_config")
    config = configs[function._takes_config] if takes else None
    run = (lambda context: function(context, config)) if takes else function
    own = function.__module__.startswith("bandit.")
    if own and rule == "B608":
        run = Guard(run, engine.issue)
    gated = own and engine.version.startswith(gates.VERIFIED)
    return Check(
        rule=rule,
        kinds=tuple(function._checks),
        run=run,
        call_gate=gates.call_gate(rule, config) if gated else None,
        node_gate=gates.node_gate(rule, config) if gated else None,
    )


def _list_check(engine: Engine, wanted: set[str]) -> Iterator[Check]:
    """Bandit's check of names, with the wanted names only; handed over, as `_config` of the function is global."""
    names = {kind: [entry for entry in entries if entry["id"] in wanted] for kind, entries in engine.names.items()}
    kinds = tuple(kind for kind, entries in names.items() if entries)
    if kinds:
        gated = engine.version.startswith(gates.VERIFIED)
        gate = gates.call_gate(BLACKLIST, names) if gated else None
        yield Check(rule=BLACKLIST, kinds=kinds, run=lambda context: engine.blacklist(context, names), call_gate=gate)


def _configs(engine: Engine, settings: Settings) -> dict[str, Any]:
    """The settings of each section: bandit's defaults, with ours over them."""
    _refuse_unknown("settings", settings, engine.defaults)
    return {section: _merge(section, config, settings.get(section, {})) for section, config in engine.defaults.items()}


def _merge(section: str, defaults: Any, given: Mapping[str, Any]) -> Any:
    _refuse_unknown(f"settings.{section}", given, defaults or {})
    for key, value in given.items():
        if not _fits(value, defaults[key]):
            kind = "a list of strings" if isinstance(defaults[key], list) else f"of type {type(defaults[key]).__name__}"
            raise ConfigError(f"detector 'bandit': settings.{section}.{key} must be {kind}")
    given = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    return {**defaults, **given} if given else defaults


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, list):
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return type(value) is type(default)


def _refuse_unknown(option: str, given: Iterable[str], known: Iterable[str]) -> None:
    for each in given:
        if each not in known:
            raise ConfigError(f"detector 'bandit': no {each!r} for {option!r}; known: {', '.join(sorted(known))}")
