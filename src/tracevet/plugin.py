"""Base classes: what a plugin is to the host.

A plugin is a class. `name` and `summary` are class attributes; its options are the keyword arguments of its
constructor, with defaults, and their types are enforced when the configuration is read. The constructor is
where an SDK or engine is imported: importing the plugin's module must stay cheap.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NewType

from tracevet.errors import BusyError, GoneError, PlatformError, RefusedError
from tracevet.model import (
    Alert,
    Finding,
    Gap,
    Json,
    PatternKind,
    Receipt,
    Report,
    Review,
    Snippet,
    Surface,
    Trace,
    Verdict,
)

Cursor = NewType("Cursor", str)  # a platform's own bookmark, opaque to the host


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time in UTC; None is no bound on that side."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A trace that is as it was when the cursor was made, named without being read."""

    id: str
    content: str  # Trace.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some traces, the gaps that belong to none of them, and the bookmark to resume after them."""

    traces: tuple[Trace, ...]
    unchanged: tuple[Unchanged, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cursor: Cursor | None = None
    done: float | None = None  # share of the whole that lies behind, 0.0 to 1.0; None: unknown


class Plugin:
    """What every plugin has: a name, a sentence about itself, and a self-check."""

    name: ClassVar[str]  # lower-case letters, digits and `-`; means exactly one thing in its kind
    summary: ClassVar[str]  # one sentence for `tracevet plugins`

    def check(self) -> Iterable[str]:
        """Say what would keep this plugin from working here, one sentence a problem; yield nothing when it's fine."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What it takes to write one thing."""

    requests: float = 1.0  # on average
    units: float = 0.0  # that the platform bills


ANY = ""  # in `Platform.costs`


class Platform(Plugin, ABC):
    """A place where traces are recorded and verdicts are written back."""

    # Called before each request, from any thread: returns once it may be made. The host puts in what keeps to a budget.
    pace: Callable[[], None] = staticmethod(lambda: None)
    # What of `preview`, by a line's first word, takes how much; ANY is what a verdict takes in any case.
    costs: ClassVar[Mapping[str, "Cost"]] = {}
    cursor_is_memory: ClassVar[bool] = False  # a pass with a cursor covers everything, and reads only what is new

    @abstractmethod
    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield pages of traces that ended in the window, each page with the cursor to resume after it.

        A trace comes whole, and once. Memory stays bounded by the page, however many traces there are.

        Raises:
            PlatformError: the platform can't be read; the text says what to set or do.
        """

    @abstractmethod
    def write(self, verdict: Verdict) -> Receipt:
        """Put the verdict on its trace.

        Idempotent by `verdict.id` and `violation.fingerprint`. Return only once the platform has accepted it.

        Raises:
            PlatformError: the verdict was not stored. Never drop one silently.
        """

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        """Put the verdicts on their traces; give for each, in order, the receipt or why it is not there.

        BusyError: it may be tried again. RefusedError: the platform does not take it. GoneError: its trace is gone.
        What a platform can write together is worth writing together.

        Raises:
            PlatformError: none can be written now, or the platform can't be reached; what was put may be put again.
        """
        return [self._written(verdict) for verdict in verdicts]

    def _written(self, verdict: Verdict) -> Receipt | PlatformError:
        try:
            return self.write(verdict)
        except (BusyError, GoneError, RefusedError) as error:
            return error

    def preview(self, verdict: Verdict) -> Iterable[str]:
        """Say what `write` would put on the platform, a line for each thing; touches nothing."""
        return ()

    def account(self) -> str:
        """Name what the credentials open, such as a project's id; "" where there is no such thing.

        Raises:
            PlatformError: the platform can't be asked.
        """
        return ""

    def reviews(self, since: datetime | None) -> Iterator[Review]:
        """Yield what people said of our violations from then on, oldest first; one may come again.

        None gives all there is. Nothing that we wrote ourselves is a review.

        Raises:
            PlatformError: the platform can't be read; the text says what to set or do.
        """
        return iter(())

    def prepare(self) -> Iterable[str]:
        """Create what `write` needs once, such as score configs or a review queue; say what there is now. Idempotent.

        Raises:
            PlatformError: it could not be created.
        """
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSpan:
    """A finished span of the traced application, as it travels to the interpreter that vets."""

    trace: str  # id of its trace
    data: Json  # what `LivePlatform.assemble` makes the trace of; plain JSON
    last: bool = False  # the trace's root has ended: as a rule nothing follows


class Tap(ABC):
    """The application's end of live vetting: its own client of a platform, watched as it finishes spans.

    Everything here runs inside the application: nothing may change, delay, drop or fail what it sends.
    """

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Give the variables with which the platform opens the same project in another process, keys included.

        They go through a pipe, never into an argument, a file or a log.
        """

    def options(self) -> Mapping[str, Json]:
        """Give options for the platform's constructor that win over the configuration's, such as the host."""
        return {}

    @abstractmethod
    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        """Call `on_span` with each span that the SDK finishes, by reference, until the returned function is called.

        `on_span` only puts it into a queue, and never raises. `on_flush` follows the client's own flush, where the
        SDK tells of it, with the seconds that it may take.
        """

    @abstractmethod
    def trace(self, span: object) -> str:
        """Name the trace of a span; cheap."""

    @abstractmethod
    def read(self, span: object) -> LiveSpan | None:
        """Read a span, masked as the client exports it; None where the client exports no such span.

        Called off the application's threads. A span that raises is left out, and counted.
        """


class LivePlatform(Platform):
    """A platform whose SDK can be watched inside the traced application."""

    @classmethod
    @abstractmethod
    def tap(cls, client: object) -> Tap | None:
        """Watch the application's own client; None: it's no client of this platform. Imports no SDK to tell."""

    @abstractmethod
    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        """Make the trace that `traces` would give of the `LiveSpan.data` of one trace, in any order, repeated or not.

        `account` is what `account()` said, "" where it could not be asked yet. Asks nothing of the platform. None
        where nothing in it is to be vetted.
        """


class Extractor(Plugin, ABC):
    """Finds the pieces of text in a trace that are worth vetting."""

    @abstractmethod
    def extract(self, trace: Trace) -> Iterable[Snippet | Gap]:
        """Yield the trace's snippets in the order of its spans, and a Gap for each thing that could not be read.

        Pure: no clock, no network, no disk; the same trace gives the same snippets. Never raises on a trace's
        content.
        """


class Detector(Plugin, ABC):
    """Sees weaknesses in snippets. Lives in a worker process; one instance serves many batches."""

    languages: ClassVar[frozenset[str]]  # what it reads; empty: every language
    surfaces: ClassVar[frozenset[Surface]]  # where it looks
    version: ClassVar[str]  # changes whenever the same snippet may give other findings
    runs_patterns: ClassVar[frozenset[PatternKind]] = frozenset()  # it is for policies' patterns: option `patterns`

    @abstractmethod
    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Yield what is seen in the snippets, each finding and gap with the digest of its snippet.

        Pure, and a function of text, language and surface alone: results are kept by digest, so path, span and
        pointer come empty. A batch gives what its snippets would give one by one. Code that can't be parsed is a
        Gap, not an exception. Comments in the code silence nothing.
        """


class Notifier(Plugin, ABC):
    """A channel that brings alerts to people.

    Everything in an alert may come from a hostile trace: what it becomes is escaped for the channel (`alert_text`
    gives it escaped). Credentials come from the environment, and stand in no error.
    """

    @property
    def addressable(self) -> bool:
        """Whether it can write to `Alert.to`; otherwise it is never given one."""
        return False

    @abstractmethod
    def notify(self, alert: Alert) -> None:
        """Deliver the alert, once, in one message; return only once the channel has accepted it.

        It may be called again with the same `Alert.id` after a failure, or when the process was killed meanwhile:
        where the channel can tell repeats, the id goes along. Bounded in time: what hangs is a failure.

        Raises:
            BusyError: not now; it is tried again, not before the seconds that the error asks for.
            RefusedError: the channel does not take it; after three times it is parked.
            PlatformError: it was not delivered; it is tried again.
        """


class Reporter(Plugin, ABC):
    """Shows verdicts in one format."""

    @abstractmethod
    def render(self, report: Report) -> bytes:
        """Render the report. Pure: the same report gives the same bytes."""
