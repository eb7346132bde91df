"""A tap and interpreters in this process, for the tests of the sender."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tracevet import LiveSpan, Tap
from tracevet.live.frames import Frames, Message


@dataclass(frozen=True)
class Noted:
    """A span."""

    trace: str
    number: int = 0


class Spans(Tap):
    """Reads spans of the tests; number 13 can't be read, number 7 is not exported."""

    def environment(self) -> Mapping[str, str]:
        """Give no keys."""
        return {}

    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        """Watch nothing."""
        return lambda: None

    def trace(self, span: object) -> str:
        """Name the trace."""
        assert isinstance(span, Noted)
        return span.trace

    def read(self, span: object) -> LiveSpan | None:
        """Read a span."""
        assert isinstance(span, Noted)
        if span.number == 13:
            raise ValueError("a secret")
        return None if span.number == 7 else LiveSpan(trace=span.trace, data=span.number)


@dataclass
class Desk:
    """An interpreter that notes what it gets, and answers each flush; `lives` says after how many messages it dies."""

    lives: int = 1000
    silent: bool = False
    got: list[Message] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        """Prepare to read."""
        self._frames = Frames()
        self._said: list[Message] = [{"pid": 1}]

    def write(self, data: bytes, wait: Callable[[], bool]) -> bool:
        """Take a message, or be dead."""
        if len(self.got) >= self.lives:
            return False
        for message, _ in self._frames.feed(data):
            self.got.append(message)
            if isinstance(message.get("flush"), int) and not self.silent:
                self._said.append({"flushed": message["flush"], "left": 0})
        return True

    def read(self) -> list[Message] | None:
        """Say what there is to say."""
        said, self._said = self._said, []
        return said

    def close(self) -> None:
        """Be let go."""
        self.closed = True

    def spans(self) -> list[object]:
        """Give the spans that came."""
        return [message["data"] for message in self.got if "trace" in message]
