"""What was read of the pipe and not yet looked at, bounded by its size."""

import threading
from collections import deque

from tracevet.live.frames import Message

AHEAD = 64 * 1024 * 1024  # bytes


class Inbox:
    """A queue of messages between the thread that reads and the one that vets."""

    def __init__(self, ahead: int = AHEAD) -> None:
        """Hold so many bytes; who puts more waits."""
        self._messages: deque[tuple[Message, int]] = deque()
        self._held, self._ahead = 0, ahead
        self._ended = False
        self._changed = threading.Condition()

    def put(self, message: Message, size: int) -> None:
        """Add a message of a size in bytes, once there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._held < self._ahead)
            self._messages.append((message, size))
            self._held += size
            self._changed.notify_all()

    def end(self) -> None:
        """Say that nothing follows."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def get(self, seconds: float | None = None) -> tuple[Message, int] | None:
        """Take the oldest message, waiting so long for one; None: there is none (yet)."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._ended, seconds)
            if not self._messages:
                return None
            message, size = self._messages.popleft()
            self._held -= size
            self._changed.notify_all()
            return message, size

    @property
    def over(self) -> bool:
        """Whether everything was taken, and nothing follows."""
        with self._changed:
            return self._ended and not self._messages
