"""The vetting interpreter as the application sees it: started, written to, listened to, left to itself."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from tracevet.live.frames import READ, Frames, Message

# What would trace the interpreter itself, or keep it open at its end.
_WITHOUT = ("PYTHONINSPECT", "PYTHONSTARTUP")
_QUIET = {"OTEL_SDK_DISABLED": "true", "LANGFUSE_TRACING_ENABLED": "false", "LANGSMITH_TRACING": "false"}


class Peer:
    """One interpreter that vets; used by one thread alone.

    It is no child of the application for longer than it takes to start: the application never waits for it, and is
    not told of its end.
    """

    def __init__(self, python: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        """Start it.

        Raises:
            OSError: it can't be started.
        """
        given = os.environ if environment is None else environment
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by the application's own interpreter
            [python or sys.executable, "-P", "-m", "tracevet.live"],  # -P: not what lies in the working directory
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={key: value for key, value in given.items() if key not in _WITHOUT} | _QUIET,
            start_new_session=True,
            bufsize=0,
        )
        self._in = self._process.stdin.fileno() if self._process.stdin else -1
        self._out = self._process.stdout.fileno() if self._process.stdout else -1
        self._frames = Frames()
        for file in (self._in, self._out):
            os.set_blocking(file, False)

    def write(self, data: bytes, wait: Callable[[], bool]) -> bool:
        """Write all of it; False where the interpreter is gone, or `wait`, asked while the pipe is full, says so."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._in, view) :]
            except BlockingIOError:
                if not wait():
                    return False
            except OSError:
                return False
        return True

    def read(self) -> list[Message] | None:
        """Give what it said since; None where it is gone."""
        said: list[Message] = []
        self._process.poll()
        try:
            while data := os.read(self._out, READ):
                said.extend(message for message, _ in self._frames.feed(data))
        except BlockingIOError:
            return said
        except (OSError, ValueError):
            return said or None
        return said or None

    def close(self) -> None:
        """Let it go: unless it ended before, it vets what it has, writes it, and ends by itself.

        In a forked child this closes the child's ends of the pipes; the parent's stay as they are.
        """
        for file in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if file is not None:
                    file.close()
        if self._process.poll() is None:
            self._process.returncode = 0  # keeps Popen from warning of a process that is meant to outlive it
