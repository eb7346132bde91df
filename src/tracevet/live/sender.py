"""The application's side: a bounded queue of spans, and a thread that carries them to the interpreter."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

from tracevet.live.frames import Message, frame
from tracevet.live.peer import Peer
from tracevet.plugin import Tap

PAUSE = 0.1  # seconds between two looks into the queue
BREATH = 0.0002  # seconds between two spans, in which the application's threads run
FULL_PIPE = 0.02  # seconds until a full pipe is tried again
WAITS = (0.5, 2.0, 10.0, 30.0, 60.0)  # seconds before each further start of the interpreter; then it is given up
STEADY = 120.0  # seconds after which a start counts as a success
LOST = 100_000  # names of traces that lost spans

log = logging.getLogger("tracevet.live")


class Sender:
    """Carries spans from the threads that end them to the interpreter that vets them.

    `put` may be called from any thread; so may the others, which wait. The thread and the interpreter are started
    with the first span.
    """

    def __init__(self, tap: Tap, opening: Message, *, queue: int, start: Callable[[], Peer]) -> None:
        """Prepare; `opening` is the first message to each interpreter, `start` starts one."""
        self._tap, self._opening, self._limit, self._start_peer = tap, opening, queue, start
        self.unvetted = 0  # spans that were left out: no room, no interpreter, unreadable
        self.off = ""  # why nothing is vetted any more
        self.interpreter: int | None = None  # id of its process
        self._starts = 0
        self._begin()

    def _begin(self) -> None:
        self._waiting: deque[object] = deque()
        self._crowded: deque[str] = deque(maxlen=LOST)  # names of traces, one for each span that found no room
        self._lost: Counter[str] = Counter()  # still to be told
        self._sent: Counter[str] = Counter()  # spans by trace, of which no verdict was reported
        self._peer: Peer | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._wake = threading.Event()
        self._state = threading.Condition()
        self._busy = False
        self._hurry = False
        self._ending = False
        self._deadline = 0.0
        self._started = self._next_start = 0.0
        self._asked = self._asking = self._answered = 0
        self._left = 0

    def put(self, span: object) -> None:
        """Take a span, without looking at it. All that happens on the application's thread."""
        if self.off or self._ending:
            return
        if len(self._waiting) < self._limit:
            self._waiting.append(span)
        else:
            self._crowded.append(self._tap.trace(span))
        if self._thread is None:
            self._launch()

    def forked(self) -> None:
        """Start afresh in a forked child: what waits and what was sent is the parent's."""
        if self._peer is not None:
            self._peer.close()
        self._begin()
        self._starts = 0
        self.interpreter = None

    def hand_over(self, seconds: float) -> bool:
        """Wait until the interpreter has what was put before, and tell whether it has."""
        if self._thread is None or self.off:
            return not self._waiting
        with self._state:
            self._hurry = True
            self._wake.set()
            self._state.wait_for(self._handed, max(0.0, seconds))
            self._hurry = False
            return self._handed()

    def flush(self, seconds: float) -> bool:
        """Wait until what was put before is vetted and written, and tell whether it is."""
        if self._thread is None:
            return not self._waiting
        lost = self.unvetted
        with self._state:
            self._asked += 1
            mine = self._asked
            self._hurry = True
            self._wake.set()
            self._state.wait_for(lambda: bool(self.off) or self._answered >= mine, max(0.0, seconds))
            self._hurry = False
            return self._answered >= mine and not self._left and self.unvetted == lost and not self.off

    def close(self, seconds: float) -> None:
        """Hand over what waits, within the time, and let the interpreter go."""
        if self._thread is not None:
            with self._state:
                self._deadline = time.monotonic() + seconds
                self._ending = True
                self._wake.set()
            self._thread.join(seconds + PAUSE)
        self._ending = True

    def _handed(self) -> bool:
        resting = self._peer is None and self._starts > 0  # between two starts: nothing can be handed over now
        return bool(self.off) or resting or not (self._waiting or self._busy or self._crowded)

    def _launch(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="tracevet-live", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no more threads, or the application is at its very end
                    self.off = "no thread could be started"
                self._thread = thread

    def _work(self) -> None:
        while not self.off:
            self._wake.wait(PAUSE)
            self._wake.clear()
            try:
                self._round()
            except Exception as error:  # nothing of ours may reach the application, not even a thread's traceback
                self._give_up(f"live vetting ended: {type(error).__name__}")
            with self._state:
                self._state.notify_all()
            if self._ending and (self._handed() or time.monotonic() > self._deadline or self._peer is None):
                break
        if self._peer is not None:
            self._peer.close()

    def _round(self) -> None:
        while self._crowded:
            self._lose(self._crowded.popleft())
        if (self._waiting or self._lost or self._asked > self._asking) and self._peer is None:
            self._open()
        if self._peer is not None:
            self._carry()
        if self._peer is not None:
            self._listen()

    def _open(self) -> None:
        """Start an interpreter, unless the last one ended too short a time ago."""
        if time.monotonic() < self._next_start:
            return
        self._started = time.monotonic()
        try:
            self._peer = self._start_peer()
        except OSError as error:
            self._failed(f"no interpreter can be started: {type(error).__name__}")
            return
        self._write(self._opening)

    def _carry(self) -> None:
        """Send what waits."""
        if self._lost and self._write({"lost": dict(self._lost)}):
            self._lost.clear()
        self._busy = True
        try:
            for _ in range(len(self._waiting)):
                if self._peer is None:
                    return
                self._send(self._waiting.popleft())
                if not (self._hurry or self._ending):
                    time.sleep(BREATH)
        finally:
            self._busy = False
        if self._asked > self._asking and self._write({"flush": self._asked}):
            self._asking = self._asked

    def _send(self, span: object) -> None:
        try:
            read = self._tap.read(span)
            if read is None:
                return
            message = frame({"trace": read.trace, "data": read.data, "last": read.last})
        except Exception as error:  # a plugin's boundary: a span that can't be read costs itself alone
            log.debug("a span could not be read: %s", type(error).__name__)
            self._lose(self._tap.trace(span))
            return
        self._sent[read.trace] += 1
        self._put_through(message)

    def _write(self, message: Message) -> bool:
        return self._put_through(frame(message))

    def _put_through(self, data: bytes) -> bool:
        if self._peer is None:
            return False
        if not self._peer.write(data, self._wait):
            self._gone("it ended")
            return False
        return True

    def _wait(self) -> bool:
        """Wait for room in the pipe; False where there is no time left."""
        time.sleep(FULL_PIPE)
        while self._crowded:
            self._lose(self._crowded.popleft())
        return not (self._ending and time.monotonic() > self._deadline)

    def _listen(self) -> None:
        said = self._peer.read() if self._peer is not None else []
        for message in said or ():
            self._hear(message)
        if said is None:
            self._gone("it ended")

    def _hear(self, message: Message) -> None:
        vetted = message.get("vetted")
        for trace, count in vetted.items() if isinstance(vetted, dict) else ():
            self._sent[trace] -= count if isinstance(count, int) else 0
            if self._sent[trace] <= 0:
                del self._sent[trace]
        if isinstance(flushed := message.get("flushed"), int):
            left = message.get("left")
            self._left, self._answered = left if isinstance(left, int) else 0, flushed
        if isinstance(pid := message.get("pid"), int):
            self.interpreter = pid
        if isinstance(note := message.get("note"), str):
            log.warning("%s", note)
        if isinstance(refused := message.get("refused"), str):
            self._give_up(refused)

    def _gone(self, why: str) -> None:
        """Take leave of an interpreter that ended: what it had not vetted is lost."""
        if self._peer is not None:
            self._peer.close()
        self._peer, self.interpreter = None, None
        self._asking = self._answered  # what it was asked is asked again
        for trace, count in self._sent.items():
            self._lose(trace, count)
        self._sent.clear()
        self._failed(f"the interpreter that vets could not be kept running: {why}")

    def _failed(self, why: str) -> None:
        now = time.monotonic()
        self._starts = 1 if now - self._started > STEADY else self._starts + 1
        if self._starts > len(WAITS):
            self._give_up(why)
        else:
            self._next_start = now + WAITS[self._starts - 1]

    def _lose(self, trace: str, count: int = 1) -> None:
        self.unvetted += count
        if len(self._lost) < LOST or trace in self._lost:
            self._lost[trace] += count

    def _give_up(self, why: str) -> None:
        self.off = why
        self.unvetted += len(self._waiting)
        self._waiting.clear()
        log.warning("live vetting is off: %s", why)
