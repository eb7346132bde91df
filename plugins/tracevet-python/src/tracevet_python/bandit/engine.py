"""Bandit as it is installed, with the checks that other distributions bring; imported silently, once a process."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tracevet import PluginError


@dataclass(frozen=True, slots=True)
class Engine:
    """What bandit offers: to be read, never changed, as bandit keeps it in globals."""

    version: str
    context: Callable[[dict[str, Any]], Any]
    issue: Callable[..., Any]
    functions: tuple[Any, ...]  # checks, by rule and name
    defaults: dict[str, Any]  # settings of checks by section
    blacklist: Any  # the check behind all lists of names
    names: dict[str, list[dict[str, Any]]]  # the lists of names, by type of node
    broken: tuple[str, ...]  # entry points that gave no check

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of all rules that can be reported, sorted."""
        listed = {entry["id"] for entries in self.names.values() for entry in entries}
        return tuple(sorted(listed.union(function._test_id for function in self.functions)))


@cache
def load_engine() -> Engine:
    """Import bandit and its plugins, and leave `warnings` as it was. A broken plugin costs only itself.

    Raises:
        PluginError: bandit can't be imported.
    """
    with _quiet():
        try:
            manager = import_module("bandit.core.extension_loader").MANAGER
            blacklist = import_module("bandit.core.blacklisting").blacklist
            context = import_module("bandit.core.context").Context
            bandit = import_module("bandit")
        except Exception as error:  # whatever an installed package may raise while it is imported
            problem = f"{type(error).__name__}: {error}"
            raise PluginError(f"detector 'bandit': bandit can't be imported: {problem}; reinstall it") from error
        defaults: dict[str, Any] = {}
        loaded = {each.name: each.plugin for each in manager.plugins if _is_usable(each.plugin, defaults)}
    return Engine(
        version=bandit.__version__,
        context=context,
        issue=bandit.Issue,
        functions=tuple(sorted(loaded.values(), key=lambda each: (each._test_id, each.__name__))),
        defaults=defaults,
        blacklist=blacklist,
        names=manager.blacklist,
        broken=_broken({*loaded, *manager.blacklists_mgr.names()}),
    )


def bandit_entry_points() -> Iterator[EntryPoint]:
    """Yield the entry points through which distributions bring checks, without importing any."""
    for group in ("bandit.plugins", "bandit.blacklists"):
        yield from entry_points(group=group)


def _is_usable(function: Any, defaults: dict[str, Any]) -> bool:
    """Tell whether a check can be run, and note its default settings."""
    section = getattr(function, "_takes_config", None)
    if section is not None and section not in defaults:
        try:
            defaults[section] = import_module(function.__module__).gen_config(section)
        except Exception:  # other people's code; `Engine.broken` names it
            return False
    return bool(getattr(function, "_checks", ()))


def _broken(loaded: set[str]) -> tuple[str, ...]:
    return tuple(sorted(point.name for point in bandit_entry_points() if point.name not in loaded))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what is said during imports from reaching anyone: it goes to stderr, and `Engine.broken` tells the same.

    Importing bandit also replaces `warnings.formatwarning`.
    """
    formatwarning = warnings.formatwarning
    with redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            warnings.formatwarning = formatwarning
