"""The assistant's end: hand the event to the server as it is, and pass its answer on.

Runs before every write and command, so it imports built-in modules alone; what is seldom needed is imported there.
"""

import posix
import sys
import time
from _socket import AF_UNIX, SOCK_STREAM, SOL_SOCKET, socket

ASSISTANTS = ("claude-code", "cursor", "codex")
MAGIC = b"tracevet-hook 1\n"  # another protocol, another socket
LONGEST = 32 * 1024 * 1024  # bytes of an event
SECONDS = 30.0  # until an answer that does not come is given up
ANSWER, AGAIN = 0, 1  # kinds of reply; AGAIN: the server is out of date and gone, start another
ENVIRONMENT = (b"HOME", b"XDG_CONFIG_HOME", b"XDG_DATA_HOME")  # where configuration and ledger may stand

_PEER = 17  # SO_PEERCRED of Linux
_PEER_MAC = 1  # LOCAL_PEERCRED
_PRIVATE_DIRECTORY = 0o040000  # kind and permissions, as far as they matter
_KIND_AND_OTHERS = 0o170077
_LONG_PATH = 100  # bytes: what the address of a local socket holds everywhere


class OutOfDateError(ConnectionError):
    """The server knows an older installation or configuration."""


def main() -> None:
    """Answer the event on standard input, and end the process with the exit code that the assistant reads."""
    code, out, err = run(sys.argv[1:])
    _write(2, err)
    _write(1, out)
    posix._exit(code)  # nothing is left to be put in order


def run(arguments: list[str]) -> tuple[int, bytes, bytes]:
    """Give exit code, output and errors for the event on standard input."""
    assistant, options = (arguments or [""])[0], arguments[1:]
    if assistant not in ASSISTANTS:  # not 2, by which a hook denies
        return 1, b"", f"tracevet: no assistant {assistant!r}; known: {', '.join(ASSISTANTS)}\n".encode()
    config, ledger = _option(options, "--config") or found_config(), _option(options, "--ledger")
    event = b""
    try:
        event = read_all(0)
        return exchange(assistant, config, ledger, event)
    except (OSError, ValueError) as error:
        from tracevet.hook.failing import give_up

        return give_up(assistant, config, event, str(error), directory())


def exchange(assistant: str, config: str, ledger: str, event: bytes) -> tuple[int, bytes, bytes]:
    """Ask the server, which is started where there is none.

    Raises:
        OSError: it can't be started or reached, or does not answer in time.
        ValueError: the event is too long, or what answers is no server of this user.
    """
    if len(event) > LONGEST:
        raise ValueError(f"an event of more than {LONGEST} bytes")
    limit = time.monotonic() + SECONDS
    identity = identify(config, ledger)
    path = f"{directory()}/{mark(identity)}.sock"
    try:
        return talk(path, assistant, identity, event, limit)
    except (FileNotFoundError, ConnectionError):
        from tracevet.hook.starting import start_and_talk

        return start_and_talk(path, config, ledger, lambda: talk(path, assistant, identity, event, limit), limit)


def talk(path: str, assistant: str, identity: bytes, event: bytes, limit: float) -> tuple[int, bytes, bytes]:
    """Send an event to the server behind a socket, and give its answer; raises as `exchange` does.

    Raises:
        OutOfDateError: the server went away for another to be started.
    """
    require_private(path.rpartition("/")[0])
    line = socket(AF_UNIX, SOCK_STREAM)
    try:
        line.settimeout(max(0.1, limit - time.monotonic()))
        line.connect(path)
        if peer(line) != posix.geteuid():
            raise ValueError("the socket belongs to another user")
        line.sendall(framed(assistant.encode(), identity, event))
        head = receive(line, len(MAGIC) + 10)
        if not head.startswith(MAGIC):
            raise OutOfDateError
        kind, code = head[len(MAGIC)], head[len(MAGIC) + 1]
        if kind == AGAIN:
            raise OutOfDateError
        sizes = head[len(MAGIC) + 2 :]
        out = receive(line, int.from_bytes(sizes[:4], "big"))
        return code, out, receive(line, int.from_bytes(sizes[4:], "big"))
    finally:
        line.close()


def framed(*parts: bytes) -> bytes:
    """Spell a request: the parts behind their lengths."""
    return MAGIC + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def receive(line: socket, size: int) -> bytes:
    """Give exactly so many bytes.

    Raises:
        ConnectionError: the other end hung up.
    """
    parts = []
    while size > 0:
        part = line.recv(min(size, 1 << 20))
        if not part:
            raise ConnectionResetError("the hook server hung up")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_all(file: int) -> bytes:
    """Read a file to its end, or until it is longer than any event may be."""
    parts, size = [], 0
    while size <= LONGEST and (part := posix.read(file, 1 << 20)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def found_config() -> str:
    """Give the configuration of the project the assistant works in; "" is the user's own."""
    environ = posix.environ
    roots = [environ.get(b"CLAUDE_PROJECT_DIR"), environ.get(b"CURSOR_PROJECT_DIR"), posix.getcwdb()]
    for root in filter(None, roots):
        path = root + b"/tracevet.toml"
        try:
            posix.lstat(path)
        except OSError:
            continue
        return path.decode("utf-8", "surrogateescape")
    return ""


def identify(config: str, ledger: str) -> bytes:
    """Tell apart what has to have servers of its own."""
    parts = [sys.executable, config, ledger]
    places = [posix.environ.get(name, b"") for name in ENVIRONMENT]
    return b"\x00".join([*(part.encode("utf-8", "surrogateescape") for part in parts), *places])


def mark(identity: bytes) -> str:
    """Give a short name for a socket (FNV-1a); the server compares the identity itself."""
    value = 0xCBF29CE484222325
    for byte in MAGIC + identity:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def directory() -> str:
    """Give the directory of the sockets, which is the user's alone."""
    environ = posix.environ
    runtime, cache = environ.get(b"XDG_RUNTIME_DIR"), environ.get(b"XDG_CACHE_HOME")
    home = environ.get(b"HOME", b"")
    path = runtime + b"/tracevet" if runtime else (cache or home + b"/.cache") + b"/tracevet/run"
    if len(path) + 24 > _LONG_PATH or not path.startswith(b"/"):
        return f"/tmp/tracevet-{posix.geteuid()}"  # noqa: S108 - used only if `require_private` holds
    return path.decode("utf-8", "surrogateescape")


def require_private(folder: str) -> None:
    """See to it that nobody else can put a socket there.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: others could, or it is no directory.
    """
    status = posix.lstat(folder)
    if status.st_mode & _KIND_AND_OTHERS != _PRIVATE_DIRECTORY or status.st_uid != posix.geteuid():
        raise ValueError(f"{folder} is not a directory of this user alone (mode 0700)")


def peer(line: socket) -> int:
    """Give the user behind the other end of a local socket."""
    if sys.platform == "darwin":
        return int.from_bytes(line.getsockopt(0, _PEER_MAC, 76)[4:8], sys.byteorder)
    return int.from_bytes(line.getsockopt(SOL_SOCKET, _PEER, 12)[4:8], sys.byteorder)


def _option(options: list[str], name: str) -> str:
    at = options.index(name) + 1 if name in options else len(options)
    return options[at] if at < len(options) else ""


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[posix.write(file, data) :]
