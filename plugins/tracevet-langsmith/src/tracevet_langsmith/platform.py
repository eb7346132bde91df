"""The platform: options in, traces out, verdicts written where they belong."""

import re
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
from tracevet_langsmith import charts, live, preparing, reading, reviewing
from tracevet_langsmith.connection import Connection
from tracevet_langsmith.given import Given
from tracevet_langsmith.preview import preview
from tracevet_langsmith.projects import Projects
from tracevet_langsmith.writing import Writer

Kind = Literal["feedback", "queue"]
USUAL: tuple[Kind, ...] = ("feedback", "queue")
GIVEN = Cursor("given")  # asks for what this object has not given yet
POLICY_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,26}[a-z0-9])?")


class LangSmithPlatform(LivePlatform):
    """LangSmith, in any region or self-hosted; one workspace, opened by the key in the environment.

    A cursor asks for what the same object has not given before; it is worth nothing to another one.
    """

    name: ClassVar[str] = "langsmith"
    summary: ClassVar[str] = "LangSmith: traces in; feedback and an annotation queue out."
    costs: ClassVar[Mapping[str, Cost]] = {ANY: Cost(requests=0.1), "feedback": Cost(), "queue": Cost()}

    def __init__(  # noqa: PLR0913 - a plugin's options are the arguments of its constructor
        self,
        *,
        host: str = "",
        workspace: str = "",
        projects: tuple[str, ...] = (),
        write: tuple[Kind, ...] = USUAL,
        queue: str = "tracevet review",
        views: tuple[str, ...] = (),
        clean: bool = False,
        dashboards: bool = False,
        extend_trace_retention: bool = False,
        requests_per_10s: int = 0,
        timeout: float = 60.0,
    ) -> None:
        """Open nothing yet; the key comes from LANGSMITH_API_KEY.

        Args:
            host: the server; none is LANGSMITH_ENDPOINT, else LangSmith's cloud in the US.
            workspace: id of the workspace; none is LANGSMITH_WORKSPACE_ID, else the key's own.
            projects: names of the projects that are read; none is every project, and of those only the runs of
                coding agents (metadata `ls_agent_purpose` = `coding`).
            write: what is written: feedback (the policy tags and the roll-up), queue.
            queue: name of the annotation queue.
            views: policy ids for which `prepare` creates a saved view in each project, and a feedback config.
            clean: write the coverage of traces without violations, too.
            dashboards: let `prepare` create a section of charts, too: severity, coverage, and the policies in `views`.
            extend_trace_retention: let feedback move its trace into extended retention, at about nine times the price.
            requests_per_10s: what may be asked of the server in any ten seconds; 0 is no limit but LangSmith's own.
            timeout: seconds for one request.

        Raises:
            UsageError: the key is missing, or an option makes no sense.
        """
        for policy in views:
            if not POLICY_ID.fullmatch(policy):
                raise UsageError(f"option 'views' names {policy[:40]!r}, which is no policy id; see: tracevet policies")
        if requests_per_10s < 0 or timeout <= 0:
            raise UsageError("options 'requests_per_10s' and 'timeout' can't be negative, nor a timeout 0")
        self._connection = Connection(host, workspace, requests_per_10s=requests_per_10s, timeout=timeout)
        self._connection.pace = lambda: self.pace()  # noqa: PLW0108 - the host may set it later
        self._projects = Projects(self._connection, projects)
        self._queue, self._views, self._dashboards = queue, views, dashboards
        self._writer = Writer(
            self._connection,
            self._projects,
            frozenset(write),
            queue,
            clean=clean,
            extend_retention=extend_trace_retention,
        )
        self._given = Given()

    @classmethod
    def tap(cls, client: object) -> Tap | None:
        """Watch a client of the LangSmith SDK."""
        return live.tap(client)

    def assemble(self, spans: Sequence[Json], account: str) -> Trace | None:
        """Make the trace that is read of these runs once LangSmith has them; it has no address yet."""
        del account
        return live.assembled(spans)

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield pages of traces of which something ended in the window, those with tools first.

        A trace comes whole; one of which a part arrives late comes again.

        Raises:
            PlatformError: the server can't be read; the text says what to set or do.
            UsageError: a project that is named does not exist.
        """
        if cursor != GIVEN:
            self._given = Given()
        for page in reading.pages(self._connection, self._projects, window, self._given):
            yield Page(traces=page.traces, gaps=page.gaps, done=page.done, cursor=GIVEN)

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
        """Name the workspace that the key opens."""
        return self._connection.workspace

    def reviews(self, since: datetime | None) -> Iterator[Review]:
        """Yield what people answered in the annotation queue, or corrected of the policies in `views`, oldest first.

        Raises:
            PlatformError: the server can't be read; the text says what to set or do.
        """
        return reviewing.reviews(self._connection, self._projects, self._views, since)

    def prepare(self) -> Iterable[str]:
        """Create feedback configs, the annotation queue, the saved views and, if wanted, charts; say what is there."""
        yield from preparing.prepare(self._connection, self._projects, self._queue, self._views)
        if self._dashboards:
            yield from charts.create(self._connection, list(self._projects.ids()), self._views)

    def check(self) -> Iterable[str]:
        """Say what keeps the server from being used."""
        try:
            self._connection.workspace  # noqa: B018 - asks for it
            self._projects.ids()
        except (PlatformError, UsageError) as error:
            yield str(error)
