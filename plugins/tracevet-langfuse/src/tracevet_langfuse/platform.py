"""The platform: options in, traces out, verdicts written where they belong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal

from tracevet import (
    ANY,
    Cost,
    Cursor,
    Json,
    LivePlatform,
    Page,
    PlatformError,
    Receipt,
    Review,
    Tap,
    Trace,
    UsageError,
    Verdict,
    Window,
)
from tracevet_langfuse import dashboards as boards
from tracevet_langfuse import live, preparing, reading, reading_v1, reviewing, tagging
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.preview import preview
from tracevet_langfuse.writing import Writer

Kind = Literal["scores", "tags", "comments", "queue", "guardrail"]
USUAL: tuple[Kind, ...] = ("scores", "comments", "queue")
GIVEN = Cursor("given")  # asks for what this object has not given yet
ENVIRONMENT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


class LangfusePlatform(LivePlatform):
    """Langfuse, in the cloud or self-hosted; one project, opened by the keys in the environment.

    A cursor asks for what the same object has not given before; it is worth nothing to another one.
    """

    name: ClassVar[str] = "langfuse"
    summary: ClassVar[str] = "Langfuse: traces in; scores, comments and a review queue out."
    costs: ClassVar[Mapping[str, Cost]] = {  # requests counted on the emulator; units: Langfuse's price list
        ANY: Cost(requests=0.1),
        "score": Cost(requests=0.01, units=1),
        "comment": Cost(requests=2),
        "guardrail": Cost(requests=1, units=1),
        "tag": Cost(requests=0.05, units=1),
    }

    def __init__(  # noqa: PLR0913 - a plugin's options are the arguments of its constructor
        self,
        *,
        host: str = "",
        environments: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        write: tuple[Kind, ...] = USUAL,
        queue: str = "tracevet review",
        clean: bool = False,
        unsigned_reviews: bool = False,
        dashboards: bool = False,
        requests_per_minute: int = 0,
        timeout: float = 60.0,
    ) -> None:
        """Open nothing yet; the keys come from LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY.

        Args:
            host: the server; none is LANGFUSE_BASE_URL, else Langfuse's cloud.
            environments: only traces of these.
            tags: only traces with one of these.
            write: what is written: scores (the policy tags and the roll-up), comments, queue; tags are native ones,
                which only servers that take events of traces can add, and a trace loses its bookmark; guardrail is an
                observation in the trace's tree below each one that violates.
            queue: name of the review queue.
            clean: write the coverage of traces without violations, too.
            unsigned_reviews: count reviews without an author, too, which whoever has a key can make.
            dashboards: let `prepare` create a dashboard, too.
            requests_per_minute: what may be asked of the server in any minute; 0 is no limit.
            timeout: seconds for one request.

        Raises:
            UsageError: a key is missing, or an option makes no sense.
        """
        for environment in environments:
            if not environment or set(environment) - ENVIRONMENT or environment.startswith("langfuse"):
                raise UsageError(
                    f"option 'environments' names {environment[:40]!r}, which Langfuse refuses: "
                    "lower-case letters, digits, - and _ only, and not beginning with langfuse"
                )
        if requests_per_minute < 0 or timeout <= 0:
            raise UsageError("options 'requests_per_minute' and 'timeout' can't be negative, nor a timeout 0")
        self._connection = Connection(host, requests_per_minute=requests_per_minute, timeout=timeout)
        self._connection.pace = lambda: self.pace()  # noqa: PLW0108 - the host may set it later
        self._wanted = reading.Wanted(environments=environments, tags=tags)
        self._queue, self._dashboards = queue, dashboards
        self._writer = Writer(self._connection, frozenset(write), queue, clean=clean)
        self._given = reading.Given()
        self._unsigned = unsigned_reviews

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield pages of traces of which something ended in the window, oldest first within a window.

        A trace comes whole; one of which a part arrives late comes again.

        Raises:
            PlatformError: the server can't be read; the text says what to set or do.
        """
        if cursor != GIVEN:
            self._given = reading.Given()
        read = reading.pages if self._connection.reads_v2 else reading_v1.pages
        for page in read(self._connection, window, self._wanted, self._given):
            yield Page(traces=page.traces, gaps=page.gaps, done=page.done, cursor=GIVEN)

    @classmethod
    def tap(cls, client: object) -> Tap | None:
        """Watch a client of the Langfuse SDK."""
        return live.tap(client)

    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        """Make the trace that is read of these spans once Langfuse has them."""
        return live.assembled(spans, self._wanted, self._connection.host, account)

    def write(self, verdict: Verdict) -> Receipt:
        """Put the verdict on its trace; a second time changes nothing.

        Raises:
            PlatformError: not all of it is there.
        """
        (result,) = self.write_all([verdict])
        if isinstance(result, PlatformError):
            raise result
        return result

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        """Put the verdicts on their traces, in as few requests as possible."""
        return self._writer.write(verdicts)

    def preview(self, verdict: Verdict) -> Iterable[str]:
        """Say what would be written."""
        return preview(verdict, self._writer)

    def account(self) -> str:
        """Name the project that the keys open."""
        return self._connection.project

    def reviews(self, since: datetime | None) -> Iterator[Review]:
        """Yield what people said in the annotation form of what was found, on traces and observations."""
        return reviewing.reviews(self._connection, since, unsigned=self._unsigned)

    def prepare(self) -> Iterable[str]:
        """Create the score config for reviews, the review queue and, if wanted, a dashboard."""
        self._connection.server  # noqa: B018 - refuses a server that the SDK can't work with
        yield from preparing.prepare(self._connection, self._queue)
        yield from tagging.said(self._connection) if "tags" in self._writer.kinds else ()
        yield from boards.create(self._connection) if self._dashboards else ()

    def check(self) -> Iterable[str]:
        """Say what keeps the server from being used."""
        try:
            self._connection.server  # noqa: B018 - asks for it
            self._connection.project  # noqa: B018 - asks for it
        except PlatformError as error:
            yield str(error)
