"""The server: a local socket of this user alone, a thread for each assistant that asks, and an end when nobody does."""

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
import threading
import time
from pathlib import Path

from tracevet.hook.client import AGAIN, ANSWER, LONGEST, MAGIC, peer
from tracevet.hook.desk import Answer, Desk

TICK = 1.0  # seconds between two looks whether to end
PATIENCE = 10.0  # seconds that a request may take to arrive
HUNG = 60.0  # seconds after which vetting is given up, and the server with it
ASKING = 16  # assistants that are heard at once; others wait

_SIZE = struct.Struct(">I")
_REPLY = struct.Struct(">BBII")
_LONG_NAME = 8192  # bytes of a name or an identity


def take_lock(path: Path) -> int | None:
    """Take the right to serve a socket, for as long as the file is open; None where another process has it."""
    file = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


class Server:
    """Serves one socket until nobody asks any more, or something else should take its place."""

    def __init__(self, path: Path, identity: bytes, desk: Desk, lock: int) -> None:
        """Listen; the lock is that of `take_lock`, which makes a socket that is there a dead one's."""
        self._path, self._identity, self._desk = path, identity, desk
        self._lock: int | None = lock
        self._over = threading.Event()
        self._asking = threading.Semaphore(ASKING)
        self._active = 0
        self._guard = threading.Lock()
        self._last = time.monotonic()
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(before)
        self._listener.listen(64)
        self._inode = path.stat().st_ino

    def serve(self) -> None:
        """Answer until it is time to end; then answer what is under way, and let go of everything."""
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        while not self._over.is_set() and not self._is_done():
            if select.select([self._listener], [], [], TICK)[0]:
                with contextlib.suppress(OSError):
                    line, _ = self._listener.accept()
                    self._asking.acquire()
                    threading.Thread(target=self._attend, args=(line,), daemon=True).start()
        self._retire()
        limit = time.monotonic() + HUNG
        while self._active and time.monotonic() < limit:
            time.sleep(0.01)
        if self._desk.busy():
            _die()
        self._desk.close()

    def _is_done(self) -> bool:
        if self._desk.busy() > HUNG:
            self._retire()
            _die()
        idle = time.monotonic() - self._last > self._desk.options.idle_minutes * 60
        return (idle and not self._active) or not self._is_ours()

    def _is_ours(self) -> bool:
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False

    def _retire(self) -> None:
        """Make room: from now on another server may take this one's place."""
        with self._guard:
            if self._lock is None:
                return
            if self._is_ours():
                self._path.unlink(missing_ok=True)
            self._listener.close()
            os.close(self._lock)
            self._lock = None
        self._over.set()

    def _attend(self, line: socket.socket) -> None:
        with self._guard:
            self._active += 1
        try:
            with line, contextlib.suppress(OSError, ValueError):  # an assistant that went away needs no answer
                self._answer(line)
        finally:
            with self._guard:
                self._active -= 1
            self._last = time.monotonic()
            self._asking.release()

    def _answer(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE)
        if peer(line) != os.geteuid():
            return
        if _received(line, len(MAGIC)) != MAGIC:
            return
        assistant, identity = _part(line, _LONG_NAME).decode(), _part(line, _LONG_NAME)
        event = _part(line, LONGEST)
        if identity != self._identity:
            return
        if self._over.is_set() or self._desk.outdated():
            self._retire()
            line.sendall(_spelled(AGAIN, (0, b"", b"")))
            return
        line.sendall(_spelled(ANSWER, self._desk.ask(assistant, event)))


def _die() -> None:
    """End a server whose thread hangs, which can't be ended in any other way, and its workers with it."""
    os.killpg(0, signal.SIGKILL)


def _spelled(kind: int, answer: Answer) -> bytes:
    code, out, err = answer
    return MAGIC + _REPLY.pack(kind, code, len(out), len(err)) + out + err


def _part(line: socket.socket, longest: int) -> bytes:
    (size,) = _SIZE.unpack(_received(line, _SIZE.size))
    if size > longest:
        raise ValueError("no request of ours")
    return _received(line, size)


def _received(line: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = line.recv(min(size - len(data), 1 << 20))
        if not part:
            raise ConnectionResetError("the assistant hung up")
        data += part
    return bytes(data)
