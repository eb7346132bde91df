"""Takes one plugin through its stages: version, import, register, hooks, validate. All of it is kept, or nothing."""

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import EntryPoint
from itertools import islice

import pluggy
from pydantic import BaseModel

from tracevet import hookspecs
from tracevet.plugin import Plugin
from tracevet.registry import compatibility, validation
from tracevet.registry.model import KINDS, Broken, Entry, Pack, Source
from tracevet.registry.words import Flaw, cause, listing, suggestion, thing

CAP = 1000  # things from one hook: more is a generator that never ends
POLICIES = "register_policies"
KIND_OF_HOOK = {f"register_{kind}s": kind for kind in KINDS}
HOOKS = frozenset({*KIND_OF_HOOK, POLICIES})

Hook = tuple[str, Callable[[], object]]
log = logging.getLogger("tracevet.registry")


@dataclass(frozen=True, slots=True)
class Brought:
    """All that one plugin brings."""

    entries: tuple[Entry[Plugin], ...] = ()
    packs: tuple[Pack, ...] = ()


def load(source: Source, point: EntryPoint) -> Brought | Broken:
    """Load one plugin, whatever it does short of ending or blocking the process.

    Raises:
        KeyboardInterrupt: the user wants to stop; nothing else is raised.
    """
    stage = "version"
    try:
        compatibility.check(point.dist)
        stage = "import"
        plugin = _imported(point)
        stage = "register"
        hooks = _hooks(plugin, source.plugin)
        things: dict[str, list[object]] = {}
        for name, function in hooks:
            stage = f"hook {name}"
            things.setdefault(name, []).extend(_taken(function()))
        stage = "validate"
        return _validated(things, source)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the plugin boundary; SystemExit of a plugin is not ours
        log.debug("traceback of %s", source.origin, exc_info=error)
        return Broken(**asdict(source), stage=stage, cause=cause(error))


def _imported(point: EntryPoint) -> object:
    if point.pattern.match(point.value) is None:
        raise Flaw("the entry point is neither `module` nor `module:attribute`")
    return point.load()


def _hooks(plugin: object, name: str) -> list[Hook]:
    """Return the hooks that a plugin implements.

    A manager for each plugin: what is registered can't be left half done, nor reach another plugin's hooks.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        raise Flaw(f"a hook is not as specified, without arguments: {error}") from error
    callers = manager.get_hookcallers(plugin) or []
    hooks = [hook for caller in callers for hook in _implementations(caller)]
    for unmarked in sorted(HOOKS - {hook for hook, _ in hooks}):
        if callable(getattr(plugin, unmarked, None)):
            raise Flaw(f"{unmarked} is not marked with @hookimpl")
    if not callers:
        raise Flaw(f"it implements no hook; hooks: {listing(HOOKS)}")
    return hooks


def _implementations(caller: pluggy.HookCaller) -> Iterator[Hook]:
    for implementation in caller.get_hookimpls():
        if implementation.wrapper or implementation.hookwrapper:
            raise Flaw(f"{caller.name} is a wrapper; hooks of tracevet can't be wrapped")
        if caller.has_spec():
            yield caller.name, implementation.function
        elif not implementation.optionalhook:
            raise Flaw(f"no hook is named {caller.name!r}; hooks: {listing(HOOKS)}" + suggestion(caller.name, HOOKS))


def _taken(result: object) -> list[object]:
    """Return all that a hook brings; a text, a pack or a coroutine is a mistake, though some of them iterate."""
    if inspect.iscoroutine(result):
        result.close()  # or Python warns, too, that nobody awaited it
    if not isinstance(result, Iterable) or isinstance(result, str | bytes | BaseModel | type):
        raise Flaw(f"it returned {thing(result)}, not an iterable")
    items = list(islice(result, CAP + 1))
    if len(items) > CAP:
        raise Flaw(f"it brings more than {CAP} things")
    return items


def _validated(things: dict[str, list[object]], source: Source) -> Brought:
    packs = tuple(validation.pack(value, source) for value in things.pop(POLICIES, ()))
    entries = tuple(
        validation.entry(KIND_OF_HOOK[hook], value, source) for hook, values in things.items() for value in values
    )
    everything: list[Entry[Plugin] | Pack] = [*entries, *packs]
    counted = Counter((found.kind, found.name) for found in everything)
    for (kind, name), count in counted.items():
        if count > 1:
            raise Flaw(f"it brings {count} {kind}s named {name!r}")
    return Brought(entries, packs)
