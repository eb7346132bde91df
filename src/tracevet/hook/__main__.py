"""`python -m tracevet.hook SOCKET CONFIG LEDGER`: the server, as the assistant's end starts it."""

import os
import sys
from pathlib import Path

from tracevet.errors import TracevetError
from tracevet.hook.client import identify, require_private
from tracevet.hook.desk import Desk
from tracevet.hook.server import Server, take_lock
from tracevet.hook.starting import BUSY, READY


def main(path: Path, config: str, ledger: str) -> None:
    """Serve; say first on standard output whether this process does, another does, or why none can."""
    try:
        require_private(str(path.parent))
        lock = take_lock(path)
    except (OSError, ValueError) as error:
        return _say(str(error))
    if lock is None:
        return _say(BUSY.decode())
    desk = Desk(config, ledger, path.parent)
    try:
        os.chdir(Path(config).parent if config else "/")  # relative paths in the configuration start there
        desk.open()
        server = Server(path, identify(config, ledger), desk, lock)
    except (TracevetError, OSError) as error:
        return _say(str(error))
    _say(READY.decode())
    desk.warm()
    server.serve()
    return None


def _say(line: str) -> None:
    os.write(1, f"{' '.join(line.split())}\n".encode("utf-8", "replace"))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
