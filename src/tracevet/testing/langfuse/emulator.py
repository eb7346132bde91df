"""A Langfuse on 127.0.0.1 that the real SDKs talk to, and that tests and benchmarks look into."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from math import ceil
from threading import RLock
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from tracevet.testing.emulator import PAGE, Emulator
from tracevet.testing.faults import Fault, FaultKind
from tracevet.testing.langfuse.answers import V4_ONLY, Answer, RefusalError, to_response
from tracevet.testing.langfuse.arrivals import Arrivals, Delays
from tracevet.testing.langfuse.calls import Call, authorise
from tracevet.testing.langfuse.project import Project
from tracevet.testing.langfuse.release import Mode, Release
from tracevet.testing.langfuse.reviewing import Form, annotate
from tracevet.testing.langfuse.routes import Endpoint, endpoints
from tracevet.testing.langfuse.snapshot import snapshot
from tracevet.testing.langfuse.stored import from_api
from tracevet.testing.langfuse.times import Clock, iso, now

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NUMBERS = count(1)


class LangfuseEmulator(Emulator):
    """One server of one version with one project, `project-1`, and those that `add_project` adds.

    `public_key` and `secret_key` open the project, and are this emulator's alone. Writes are read back after
    `delays`, counted by `clock`.
    Every method may be called from any thread, while it runs and after it has stopped.
    """

    def __init__(
        self,
        version: str = "4.62.0",
        mode: Mode | None = None,
        *,
        delays: Delays | None = None,
        requests_per_minute: int | None = None,
        response_cap: int = 5_000_000,
        metadata_cut: int | None = 200,
        clock: Clock = now,
        **base: int,
    ) -> None:
        """Prepare a server of a version, in the mode that it has by default or in another that it has.

        `requests_per_minute` is answered with 429 and `Retry-After` where it is exceeded; `response_cap` is the
        number of characters of input and output after which a page of observations ends early; `metadata_cut` the
        number of characters left of a metadata value that is not expanded. `base` is `seed` and `port`.

        Raises:
            ValueError: the version has no such mode.
        """
        super().__init__(**base)
        self.release = Release.of(version, mode)
        self.delays = delays or Delays()
        self.requests_per_minute = requests_per_minute
        self.response_cap = response_cap
        self.metadata_cut = metadata_cut
        self.received: Counter[str] = Counter()  # rows seeded, and accepted requests by "METHOD path"
        self._clock = clock
        self._lock = RLock()
        self._recent: deque[datetime] = deque()
        self._projects: dict[str, Project] = {}
        number = next(_NUMBERS)  # an SDK keeps one client for each public key and process
        self.project = self.add_project("project-1", f"pk-lf-emulator-{number}", f"sk-lf-emulator-{number}")

    @property
    def public_key(self) -> str:
        """The public key of the first project."""
        return self.project.public_key

    @property
    def secret_key(self) -> str:
        """The secret key of the first project."""
        return self.project.secret_key

    def add_project(self, project_id: str, public_key: str, secret_key: str) -> Project:
        """Add a project with keys of its own."""
        arrivals = Arrivals(self._clock)
        project = Project(
            id=project_id, name="Project One", public_key=public_key, secret_key=secret_key, arrivals=arrivals
        )
        self._projects[public_key] = project
        return project

    def seed(self, observations: Iterable[Mapping[str, Any]], *, twice: bool = False) -> int:
        """Store observations in the form of the v2 API, readable at once; return how many.

        A row takes the place of the one with its trace and id; with `twice` it stands beside it, as rows do in
        Langfuse until they are merged.
        """
        stamp = iso(self._clock())
        rows = [from_api(observation, project=self.project.id, now=stamp) for observation in observations]
        with self._lock:
            for row in rows:
                self.project.observations.put(row, twice=twice)
            self.received["seeded"] += len(rows)
        return len(rows)

    def state(self) -> dict[str, list[Any]]:
        """Tell everything that was written, comparable with `==`: no ids of the server, no times of writing.

        What is still on its way is taken as arrived.
        """
        with self._lock:
            self.project.arrivals.settle(everything=True)
            return snapshot(self.project)

    def delete_trace(self, trace_id: str) -> None:
        """Delete a trace at once, as a user does in the UI."""
        with self._lock:
            self.project.delete_trace(trace_id)

    def annotate(
        self,
        trace_id: str,
        value: str,
        *,
        observation_id: str | None = None,
        name: str = "policy.review",
        author: str = "user-1",
        comment: str = "",
    ) -> str:
        """Judge a trace or observation as a person does in the UI, and give the score's id; again changes it.

        Raises:
            ValueError: there is no score config of that name with that value.
        """
        form = Form(trace=trace_id, observation=observation_id, name=name, value=value, author=author, comment=comment)
        with self._lock:
            return annotate(self.project, form, iso(self._clock()))

    def delete_score(self, score_id: str) -> None:
        """Delete a score at once, as a user does in the UI."""
        with self._lock:
            self.project.scores.delete(score_id)

    def forget(self, before: datetime | None = None) -> int:
        """Drop every trace that began before a time, or all, with scores, comments and the log; return how many.

        For long benchmarks: the memory stays flat, `received` still counts everything.
        """
        bound = None if before is None else iso(before)
        with self._lock:
            self.project.arrivals.settle(everything=bound is None)
            rows = list(self.project.observations.scan(before=bound))
            traces = {row["traceId"] for row in rows}
            objects = traces | {row["id"] for row in rows}
            for trace in traces:
                self.project.delete_trace(trace)
            for listed in (self.project.comments, self.project.items):
                listed[:] = [row for row in listed if row["objectId"] not in objects]
            self.requests.clear()
        return len(traces)

    def routes(self) -> Sequence[BaseRoute]:
        """Answer health without keys, the API with keys, and anything else with a page."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints():
            by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        served = [Route(path, partial(self._serve, found), methods=METHODS) for path, found in by_path.items()]
        return [Route("/api/public/health", self._health), *served, Route("/{path:path}", _missing, methods=METHODS)]

    def refusal(self, request: Request) -> Response | None:
        """Refuse what exceeds the rate limit."""
        if self.requests_per_minute is None or request.url.path.endswith("/health"):
            return None
        moment, minute = self._clock(), timedelta(minutes=1)
        with self._lock:
            while self._recent and self._recent[0] <= moment - minute:
                self._recent.popleft()
            if len(self._recent) < self.requests_per_minute:
                self._recent.append(moment)
                return None
            return self.error(429, ceil((self._recent[0] + minute - moment).total_seconds()))

    def error(self, status: int, retry_after: int | None) -> Response:
        """Answer with an error: plain text for a rate limit, JSON for the rest."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        if status == 429:  # noqa: PLR2004 - too many requests
            headers |= {"x-ratelimit-remaining": "0"}
            return PlainTextResponse("429 - rate limit exceeded", status, headers)
        response = to_response(Answer({"message": "Internal Server Error", "error": "An unexpected error"}, status))
        response.headers.update(headers)
        return response

    async def _health(self, request: Request) -> Response:
        del request
        return to_response(Answer({"status": "OK", "version": self.release.version}))

    async def _serve(self, found: Mapping[str, Endpoint], request: Request) -> Response:
        endpoint = found.get(request.method)
        if endpoint is None:
            return to_response(Answer({"message": "Method not allowed", "error": "MethodNotAllowedError"}, 405))
        if endpoint.new and not self.release.v2:
            return await _missing(request)
        body = await request.body()
        try:
            with self._lock:
                answer = self._handle(endpoint, request, body)
        except RefusalError as refusal:
            answer = Answer(refusal.body, refusal.status)
        else:
            self.received[f"{endpoint.method} {endpoint.path}"] += 1
        return to_response(answer)

    def _handle(self, endpoint: Endpoint, request: Request, body: bytes) -> Answer:
        header = request.headers.get("authorization")
        project = authorise(header, self._projects, public_key_is_enough=endpoint.public_key)
        if endpoint.old and not self.release.v1:
            raise RefusalError(404, {"message": V4_ONLY})
        project.arrivals.settle()
        return endpoint.handler(self._call(project, request, body))

    def _call(self, project: Project, request: Request, body: bytes) -> Call:
        faults: tuple[Fault, ...] = request.scope["faults"]
        counts = {fault.kind: fault.count for fault in faults}
        return Call(
            project=project,
            release=self.release,
            path=request.path_params,
            params=request.query_params,
            body=body,
            now=iso(self._clock()),
            delays=self.delays,
            content_type=request.headers.get("content-type", ""),
            encoding=request.headers.get("content-encoding", ""),
            rejected=counts.get(FaultKind.REJECT, 0),
            shorter=counts.get(FaultKind.SHORTEN),
            metadata_cut=self.metadata_cut,
            response_cap=self.response_cap,
        )


async def _missing(request: Request) -> Response:
    """Answer what Langfuse's web framework answers on a path that it doesn't know."""
    del request
    return HTMLResponse(PAGE, 404)
