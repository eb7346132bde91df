"""One exception tree: each error names the thing, the value and the way out.

TracevetError            anything tracevet raises on purpose; the CLI prints its text, without a traceback
├── UsageError           the user's own mistake: a wrong option, path or name (exit 2)
│   ├── ConfigError      a wrong key or value in a configuration or policy file
│   └── PluginError      a plugin that is missing, broken, or clashes with another
├── LedgerError          the ledger can't be opened, read or written (exit 3)
└── PlatformError        a platform refused, or could not be reached (exit 3)
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


class SourceError(PlatformError):
    """A file, directory or stream of traces can't be read."""
