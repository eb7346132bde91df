"""One exception tree: each error names the thing, the value and the way out.

TracevetError            anything tracevet raises on purpose; the CLI prints its text, without a traceback
├── UsageError           the user's own mistake: a wrong option, path or name (exit 2)
│   ├── ConfigError      a wrong key or value in a configuration or policy file
│   └── PluginError      a plugin that is missing, broken, or clashes with another
├── LedgerError          the ledger can't be opened, read or written (exit 3)
└── PlatformError        a platform refused, or could not be reached (exit 3)
    ├── BusyError        not now: the same request may succeed later
    ├── RefusedError     the platform looked at one thing and will not take it
    ├── GoneError        the trace that a verdict is about is not there any more
    └── SourceError      a source of traces can't be read
"""


class TracevetError(Exception):
    """Anything tracevet raises on purpose; its text is fit to be shown to a user and holds no secret."""

    exit_code = 3


class UsageError(TracevetError):
    """The user's own mistake; the text says what to write instead."""

    exit_code = 2


class ConfigError(UsageError):
    """A wrong key or value in a configuration or policy file; the text names file, line and valid keys."""


class PluginError(UsageError):
    """A plugin that is missing, broken, or clashes with another; the text names plugin, distribution and cause."""


class LedgerError(TracevetError):
    """The ledger can't be opened, read or written; what was committed before is kept."""


class PlatformError(TracevetError):
    """A platform refused a request, or could not be reached."""


class BusyError(PlatformError):
    """The platform can't now; the same request may succeed later."""

    def __init__(self, text: str, *, after: float | None = None) -> None:
        """Say why, and after how many seconds the platform wants to be asked again, where it said so."""
        super().__init__(text)
        self.after = after


class RefusedError(PlatformError):
    """The platform looked at one thing and will not take it; others may still be taken."""


class GoneError(PlatformError):
    """The trace that a verdict is about is not there any more."""


class SourceError(PlatformError):
    """A file, directory or stream of traces can't be read."""
