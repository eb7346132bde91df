"""The front door: what a plugin needs, and nothing else.

Names are loaded when first used, so that `tracevet --help` pays for none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracevet.errors import (
        ConfigError,
        LedgerError,
        PlatformError,
        PluginError,
        SourceError,
        TracevetError,
        UsageError,
    )
    from tracevet.hookspecs import (
        hookimpl,
    )
    from tracevet.model import (
        Confidence,
        Context,
        Coverage,
        Fact,
        Finding,
        Gap,
        GapReason,
        Json,
        Mode,
        Outcome,
        Place,
        Policy,
        PolicyPack,
        Receipt,
        Region,
        Report,
        Result,
        Session,
        Severity,
        Snippet,
        Span,
        SpanKind,
        Status,
        Surface,
        Totals,
        Trace,
        TraceRef,
        Verdict,
        Violation,
    )
    from tracevet.plugin import (
        Alert,
        Cursor,
        Detector,
        Extractor,
        LivePlatform,
        Notifier,
        Page,
        Platform,
        Plugin,
        Reporter,
        Unchanged,
        Window,
    )

_HOME = {
    "ConfigError": "tracevet.errors",
    "LedgerError": "tracevet.errors",
    "PlatformError": "tracevet.errors",
    "PluginError": "tracevet.errors",
    "SourceError": "tracevet.errors",
    "TracevetError": "tracevet.errors",
    "UsageError": "tracevet.errors",
    "hookimpl": "tracevet.hookspecs",
    "Confidence": "tracevet.model",
    "Context": "tracevet.model",
    "Coverage": "tracevet.model",
    "Fact": "tracevet.model",
    "Finding": "tracevet.model",
    "Gap": "tracevet.model",
    "GapReason": "tracevet.model",
    "Json": "tracevet.model",
    "Mode": "tracevet.model",
    "Outcome": "tracevet.model",
    "Place": "tracevet.model",
    "Policy": "tracevet.model",
    "PolicyPack": "tracevet.model",
    "Receipt": "tracevet.model",
    "Region": "tracevet.model",
    "Report": "tracevet.model",
    "Result": "tracevet.model",
    "Session": "tracevet.model",
    "Severity": "tracevet.model",
    "Snippet": "tracevet.model",
    "Span": "tracevet.model",
    "SpanKind": "tracevet.model",
    "Status": "tracevet.model",
    "Surface": "tracevet.model",
    "Totals": "tracevet.model",
    "Trace": "tracevet.model",
    "TraceRef": "tracevet.model",
    "Verdict": "tracevet.model",
    "Violation": "tracevet.model",
    "Alert": "tracevet.plugin",
    "Cursor": "tracevet.plugin",
    "Detector": "tracevet.plugin",
    "Extractor": "tracevet.plugin",
    "LivePlatform": "tracevet.plugin",
    "Notifier": "tracevet.plugin",
    "Page": "tracevet.plugin",
    "Platform": "tracevet.plugin",
    "Plugin": "tracevet.plugin",
    "Reporter": "tracevet.plugin",
    "Unchanged": "tracevet.plugin",
    "Window": "tracevet.plugin",
}

__all__ = [
    "Alert",
    "Confidence",
    "ConfigError",
    "Context",
    "Coverage",
    "Cursor",
    "Detector",
    "Extractor",
    "Fact",
    "Finding",
    "Gap",
    "GapReason",
    "Json",
    "LedgerError",
    "LivePlatform",
    "Mode",
    "Notifier",
    "Outcome",
    "Page",
    "Place",
    "Platform",
    "PlatformError",
    "Plugin",
    "PluginError",
    "Policy",
    "PolicyPack",
    "Receipt",
    "Region",
    "Report",
    "Reporter",
    "Result",
    "Session",
    "Severity",
    "Snippet",
    "SourceError",
    "Span",
    "SpanKind",
    "Status",
    "Surface",
    "Totals",
    "Trace",
    "TraceRef",
    "TracevetError",
    "Unchanged",
    "UsageError",
    "Verdict",
    "Violation",
    "Window",
    "hookimpl",
]


def __getattr__(name: str) -> object:
    """Load a name of the front door at its first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'tracevet' has no attribute '{name}'")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the front door."""
    return __all__
