"""Start the server from the assistant's end, and wait until it answers. Standard library alone."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Answer: TypeAlias = tuple[int, bytes, bytes]

READY, BUSY = b"ready", b"busy"  # what a server says when it listens, or when another one is starting
PAUSE = 0.02  # seconds between two looks whether the other one listens
PATIENCE = 2.0  # seconds until another start is tried
MOST_STARTS = 4


def start_and_talk(path: str, config: str, ledger: str, talk: Callable[[], Answer], limit: float) -> Answer:
    """Start a server on the socket and give its answer; of several that are started at once, one stays.

    Raises:
        OSError: none can be started, or none answers in time.
        ValueError: the directory of the socket is not the user's alone.
    """
    make_private(Path(path).parent)
    started, starts = -PATIENCE, 0
    while time.monotonic() < limit:
        if time.monotonic() - started > PATIENCE:
            started, starts = time.monotonic(), starts + 1
            if starts > MOST_STARTS:
                raise ConnectionError("the hook server ends on this event")
            _start(path, config, ledger, limit)
        try:
            return talk()
        except (FileNotFoundError, ConnectionError):
            time.sleep(PAUSE)
    raise TimeoutError("no hook server answered in time")


def make_private(folder: Path) -> None:
    """Make the directory; what is there already stays as it is."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _start(path: str, config: str, ledger: str, limit: float) -> None:
    """Start a process that outlives this one, and wait until it listens or another does.

    Raises:
        OSError: it ended; the text is its own.
    """
    command = [sys.executable, "-I", "-m", "tracevet.hook", path, config, ledger]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own module, and arguments of the user's own settings
        command, stdin=nowhere, stdout=subprocess.PIPE, stderr=nowhere, cwd="/", start_new_session=True
    )
    if process.stdout is None:
        raise OSError("the hook server was started without a pipe")
    with process.stdout as output:
        said = _first_line(output.fileno(), limit)
    if said in (READY, BUSY):
        process.returncode = 0  # keeps Popen from warning of a process that is meant to outlive it
        return
    process.kill()
    process.wait()
    raise OSError(said.decode("utf-8", "replace") or "the hook server did not start")


def _first_line(file: int, limit: float) -> bytes:
    data = b""
    while not data.endswith(b"\n") and select.select([file], [], [], max(0.0, limit - time.monotonic()))[0]:
        part = os.read(file, 4096)
        if not part:
            break
        data += part
    return data.strip()
