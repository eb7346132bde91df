"""The six hooks. Each takes nothing and returns what the plugin brings; the host calls each once, at start."""

from collections.abc import Iterable

import pluggy

from tracevet.model import PolicyPack
from tracevet.plugin import Detector, Extractor, Notifier, Platform, Reporter

PROJECT = "tracevet"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_platforms() -> Iterable[type[Platform]]:
    """Bring places to read traces from and write verdicts to."""
    return ()


@hookspec
def register_extractors() -> Iterable[type[Extractor]]:
    """Bring readers of trace shapes that the host's own tables don't cover."""
    return ()


@hookspec
def register_detectors() -> Iterable[type[Detector]]:
    """Bring checks."""
    return ()


@hookspec
def register_policies() -> Iterable[PolicyPack]:
    """Bring policies, as data."""
    return ()


@hookspec
def register_notifiers() -> Iterable[type[Notifier]]:
    """Bring channels for alerts."""
    return ()


@hookspec
def register_reporters() -> Iterable[type[Reporter]]:
    """Bring output formats."""
    return ()
