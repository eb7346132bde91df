"""All plugins that are installed, by kind and name."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import MappingProxyType
from typing import Any, Literal, overload

from tracevet.errors import PluginError
from tracevet.model import PolicyPack
from tracevet.plugin import Detector, Extractor, Notifier, Platform, Plugin, Reporter
from tracevet.registry import advice, discovery, gathering, starting
from tracevet.registry.model import KINDS, Broken, Clash, Entry, Pack, Source
from tracevet.registry.words import listing, one_line

Options = Mapping[str, object]
NONE: Mapping[str, Any] = MappingProxyType({})
log = logging.getLogger("tracevet.registry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The plugins that loaded, by kind and name, and what became of the others; every order is by name.

    A name that clashes stands in `clashes` alone: using it fails, as does `require_sound`, but listing works.
    """

    platforms: Mapping[str, Entry[Platform]]
    extractors: Mapping[str, Entry[Extractor]]
    detectors: Mapping[str, Entry[Detector]]
    notifiers: Mapping[str, Entry[Notifier]]
    reporters: Mapping[str, Entry[Reporter]]
    policy_packs: tuple[Pack, ...] = ()
    broken: tuple[Broken, ...] = ()
    blocked: tuple[Source, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @classmethod
    def load(
        cls,
        *,
        block: Collection[str] = (),
        required: Mapping[str, Collection[str]] = NONE,
        entry_points: Iterable[EntryPoint] | None = None,
    ) -> "Registry":
        """Load the installed plugins, or those of the given entry points.

        `block` holds names of plugins or distributions; what is blocked is not even imported. `required` maps kinds
        (the keys of KINDS) to names that must be there. Each broken plugin is logged once, as a warning.

        Raises:
            PluginError: something required is missing, broken or clashes; the text has a line for each.
        """
        found = discovery.installed() if entry_points is None else discovery.given(entry_points)
        brought, broken, blocked = gathering.load_all(found, block)
        for left_out in broken:
            log.warning("%s", left_out)
        entries, clashes = gathering.settle(entry for one in brought for entry in one.entries)
        packs, pack_clashes = gathering.settle(pack for one in brought for pack in one.packs)
        registry = cls(
            **{f"{kind}s": MappingProxyType({e.name: e for e in entries if e.kind == kind}) for kind in KINDS},
            policy_packs=tuple(packs),
            broken=tuple(broken),
            blocked=tuple(blocked),
            clashes=(*clashes, *pack_clashes),
        )
        registry._require(required)
        return registry

    @property
    def by_kind(self) -> Mapping[str, Mapping[str, Entry[Any]]]:
        """All plugins, by kind and name."""
        return MappingProxyType({kind: self.entries(kind) for kind in KINDS})

    @property
    def packs(self) -> tuple[PolicyPack, ...]:
        """The policy packs; each names its plugin as its source, unless it names a file."""
        return tuple(entry.pack for entry in self.policy_packs)

    def entries(self, kind: str) -> Mapping[str, Entry[Any]]:
        """Return the plugins of one kind by name.

        Raises:
            PluginError: there is no such kind.
        """
        if kind not in KINDS:
            raise PluginError(f"no kind of plugin named {one_line(kind)!r}; known: {listing(KINDS)}")
        found: Mapping[str, Entry[Any]] = getattr(self, f"{kind}s")
        return found

    def find(self, kind: str, name: str) -> Entry[Any]:
        """Return the plugin of that kind and name.

        Raises:
            PluginError: it is missing, left out as broken or blocked, or its name clashes.
        """
        known = self.entries(kind)
        for clash in self.clashes:
            if (clash.kind, clash.name) == (kind, name):
                raise PluginError(str(clash))
        if name not in known:
            raise PluginError(advice.missing(kind, name, known, broken=self.broken, blocked=self.blocked))
        return known[name]

    @overload
    def create(self, kind: Literal["platform"], name: str, options: Options = NONE) -> Platform: ...
    @overload
    def create(self, kind: Literal["extractor"], name: str, options: Options = NONE) -> Extractor: ...
    @overload
    def create(self, kind: Literal["detector"], name: str, options: Options = NONE) -> Detector: ...
    @overload
    def create(self, kind: Literal["notifier"], name: str, options: Options = NONE) -> Notifier: ...
    @overload
    def create(self, kind: Literal["reporter"], name: str, options: Options = NONE) -> Reporter: ...
    @overload
    def create(self, kind: str, name: str, options: Options = NONE) -> Plugin: ...
    def create(self, kind: str, name: str, options: Options = NONE) -> Plugin:
        """Build a plugin with the options that a configuration gives it.

        Raises:
            PluginError: no such plugin or option, a value of the wrong type, or the constructor failed.
            TracevetError: what the constructor raises on purpose.
        """
        return starting.start(self.find(kind, name), options)

    def doctor(self, options: Mapping[str, Mapping[str, Options]] = NONE) -> Iterator[tuple[Entry[Any], list[str]]]:
        """Yield each plugin with its problems, one line each: built with its options, by kind and name, and checked.

        A plugin that can't be built or checked has that as its problem; nothing is raised but KeyboardInterrupt.
        """
        for kind in KINDS:
            for name, entry in self.entries(kind).items():
                yield entry, starting.problems(entry, options.get(kind, NONE).get(name, NONE))

    def require_sound(self) -> None:
        """Raise if any name clashes; broken plugins are no reason, unless required.

        Raises:
            PluginError: the text has a line for each clash.
        """
        if self.clashes:
            raise PluginError("\n".join(str(clash) for clash in self.clashes))

    def _require(self, required: Mapping[str, Collection[str]]) -> None:
        wrong = []
        for kind, names in required.items():
            for name in sorted(names):
                try:
                    self.find(kind, name)
                except PluginError as error:
                    wrong.append(str(error))
        if wrong:
            raise PluginError("\n".join(wrong))
