"""The front of live vetting: find whose client it is, watch it, let go of it."""

import atexit
import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tracevet.errors import UsageError
from tracevet.live.frames import Message
from tracevet.live.peer import Peer
from tracevet.live.sender import Sender
from tracevet.plugin import LivePlatform, Tap
from tracevet.registry import Registry

FLUSH = 1.0  # seconds that the client's own flush may take longer

_attachments: dict[tuple[object, ...], "Attachment"] = {}  # by platform and project
_lock = threading.Lock()


def attach(
    client: object,
    *,
    config: str | Path | None = None,
    ledger: str | Path | None = None,
    queue: int = 5000,
    exit_seconds: float = 2.0,
    nice: int = 10,
    python: str | None = None,
) -> "Attachment":
    """Vet what this client sends, while the application runs; the verdicts land on the same traces.

    Spans are noted by reference as they end and vetted in an interpreter of their own; the application's calls,
    spans and results stay as they are, whatever happens to it. A project that is watched already is not watched
    twice. Troubles are told to the logger `tracevet.live`.

    Args:
        client: the platform's own client, as the application made it.
        config: configuration; none is ./tracevet.toml, else the one in the user's configuration directory.
        ledger: a path or URL; none is the configuration's, else the usual one. Never `:memory:`.
        queue: spans that may wait; what finds no room is counted, and a gap in its trace.
        exit_seconds: how long the application's end may wait until the interpreter has everything.
        nice: by how much the interpreter steps back behind other processes, 0 to 19.
        python: the interpreter to start; none is the one that runs this.

    Raises:
        UsageError: no installed plugin watches such a client, or an option makes no sense.
    """
    if queue < 1 or exit_seconds < 0 or nice < 0:
        raise UsageError("options 'queue', 'exit_seconds' and 'nice' can't be negative, nor a queue of 0")
    if str(ledger) == ":memory:":
        raise UsageError("live vetting needs a ledger that outlives it; name a file or a PostgreSQL server")
    logging.getLogger("tracevet").addHandler(logging.NullHandler())  # else Python prints warnings on stderr
    name, tap = _tap(client)
    opening: Message = {
        "platform": name,
        "environment": dict(tap.environment()),
        "options": dict(tap.options()),
        "config": None if config is None else str(Path(config).absolute()),
        "ledger": None if ledger is None else _absolute(str(ledger)),
        "nice": nice,
    }
    start = partial(Peer, python or sys.executable)
    with _lock:
        key = (name, *sorted(tap.environment().items()))
        if key not in _attachments:
            sender = Sender(tap, opening, queue=queue, start=start)
            _attachments[key] = Attachment(sender, tap, exit_seconds, lambda: _attachments.pop(key, None))
        return _attachments[key]


class Attachment:
    """A client that is watched. Every method may be called from any thread, and again."""

    def __init__(self, sender: Sender, tap: Tap, exit_seconds: float, forget: Callable[[], object]) -> None:
        """Use `tracevet.attach`."""
        self._sender, self._exit_seconds, self._forget = sender, exit_seconds, forget
        self._prompt = True  # the last flush of the client found room for everything
        self._close = tap.open(sender.put, self._client_flushed)
        atexit.register(self.detach)
        if hasattr(os, "register_at_fork"):
            forked = weakref.WeakMethod(sender.forked)
            os.register_at_fork(after_in_child=lambda: (method := forked()) and method())

    @property
    def unvetted(self) -> int:
        """The number of spans that were left out so far."""
        return self._sender.unvetted

    @property
    def trouble(self) -> str:
        """Why nothing is vetted any more; "" while it is."""
        return self._sender.off

    @property
    def interpreter(self) -> int | None:
        """The process that vets, once it has said so."""
        return self._sender.interpreter

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until all spans that ended before are vetted and their verdicts written; False: not all of it is.

        Flush the client first: verdicts are written on traces that the platform has.
        """
        return self._sender.flush(timeout)

    def detach(self, timeout: float | None = None) -> None:
        """Stop watching, and hand over what waits; it is still vetted and written. The client stays as it is."""
        atexit.unregister(self.detach)
        self._close()
        self._forget()
        self._sender.close(self._exit_seconds if timeout is None else timeout)

    def _client_flushed(self, seconds: float) -> None:
        self._prompt = self._sender.hand_over(min(seconds, FLUSH) if self._prompt else 0.0)


def _tap(client: object) -> tuple[str, Tap]:
    known = []
    for name, entry in Registry.load().platforms.items():
        if issubclass(entry.cls, LivePlatform):
            known.append(name)
            if (tap := entry.cls.tap(client)) is not None:
                return name, tap
    kind = f"{type(client).__module__}.{type(client).__qualname__}"
    listed = ", ".join(known) or "none; pip install 'tracevet[langfuse]'"
    raise UsageError(f"no plugin watches a client of type {kind}; installed that watch: {listed}")


def _absolute(ledger: str) -> str:
    return ledger if "://" in ledger else str(Path(ledger).absolute())
