"""`python -m tracevet.live`: the interpreter that vets for a traced application, told what to do through its input."""

import contextlib
import os
import signal
import threading

from tracevet.live.frames import Message, frame, read_all
from tracevet.live.inbox import Inbox

DRAIN = 60.0  # seconds for what is left once the application has let go


def main() -> None:
    """Vet until the other end of standard input is closed, and what is left then, within a bound."""
    if hasattr(os, "fork"):
        if os.fork():
            os._exit(0)  # the application's child ends at once: it has no process to wait for
        os.setsid()
    source, sink = _own_pipes()
    inbox = Inbox()
    threading.Thread(target=_read, args=(source, inbox), name="reading", daemon=True).start()
    lock = threading.Lock()

    def say(message: Message) -> None:
        with lock, contextlib.suppress(OSError):
            os.write(sink, frame(message))

    say({"pid": os.getpid()})
    try:
        from tracevet.live.vetting import serve

        serve(inbox, say)
    except Exception as error:  # its text may quote a trace
        say({"note": f"the interpreter that vets ended with {type(error).__name__}"})


def _own_pipes() -> tuple[int, int]:
    """Keep the pipes away from everything else: workers, and what detectors print."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return source, sink


def _read(source: int, inbox: Inbox) -> None:
    for message, size in read_all(source):
        inbox.put(message, size)
    inbox.end()
    ending = threading.Timer(DRAIN, _end)
    ending.daemon = True
    ending.start()


def _end() -> None:
    """End, with every worker that hangs; the ledger has all that counts."""
    if hasattr(os, "killpg"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.killpg(0, signal.SIGTERM)  # the group is ours, see setsid; what tidies up after workers heeds no SIGTERM
    os._exit(0)


if __name__ == "__main__":
    main()
