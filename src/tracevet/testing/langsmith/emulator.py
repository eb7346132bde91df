"""A LangSmith on 127.0.0.1 that the real SDK talks to, and that tests and benchmarks look into."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from threading import RLock
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid4, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tracevet.testing.emulator import Emulator
from tracevet.testing.faults import Fault, FaultKind
from tracevet.testing.langfuse.arrivals import Arrivals
from tracevet.testing.langsmith import snapshot, tenants
from tracevet.testing.langsmith.answers import Answer, RefusalError, Row, refused, to_response
from tracevet.testing.langsmith.calls import Call, authorise
from tracevet.testing.langsmith.limits import Limiter
from tracevet.testing.langsmith.options import Delays, Limits, Rules
from tracevet.testing.langsmith.packing import unpacked
from tracevet.testing.langsmith.release import Release
from tracevet.testing.langsmith.routes import PREFIXES, Endpoint, endpoints
from tracevet.testing.langsmith.stored import new_run, seeded
from tracevet.testing.langsmith.times import Clock, iso, now
from tracevet.testing.langsmith.workspace import Workspace

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NUMBERS = count(1)


class LangSmithEmulator(Emulator):
    """One server of one version with one workspace, and those that `add_workspace` adds.

    `api_key` opens the first workspace; `org_key` opens each where `X-Tenant-Id` says which. The SDK's `api_url` is
    `url`, as in the cloud, or `url + "/api/v1"`, as on a self-hosted server. Any other key is refused, as is one of
    another region. Every method may be called from any thread, while it runs and after it has stopped.
    """

    def __init__(
        self,
        version: str = "0.18.3",
        *,
        v2: bool | Literal["only"] | None = None,
        limits: Limits | None = None,
        rules: Rules | None = None,
        delays: Delays | None = None,
        skew: float = 0.0,
        clock: Clock = now,
        **base: int,
    ) -> None:
        """Prepare a server of a version; `v2` says whether it serves the new query API, by itself or `only`.

        Unless it's said, a server from 0.16 on serves both. `skew` is the number of seconds that its clock is ahead.
        `base` is `seed`, which also shuffles the answers, and `port`.
        """
        super().__init__(**base)
        self.release = Release.of(version, v2)
        self.rules = rules or Rules()
        self.delays = delays or Delays()
        self.limits = limits or Limits()
        self.received: Counter[str] = Counter()  # runs seeded, and accepted requests by `Endpoint.name`
        self._clock = clock
        self._skew = timedelta(seconds=skew)
        self._limiter = Limiter(self.limits)
        self._random = Random(base.get("seed", 0))  # noqa: S311 - a repeatable order, not a secret
        self._lock = RLock()
        self._workspaces: dict[str, Workspace] = {}
        number = next(_NUMBERS)
        self.org_key = f"lsv2_sk_emulator_org_{number}"
        self.workspace = self.add_workspace("Workspace One", f"lsv2_pt_emulator_{number}")

    @property
    def api_key(self) -> str:
        """The key of the first workspace."""
        return self.workspace.api_key

    def add_workspace(self, name: str, api_key: str) -> Workspace:
        """Add a workspace with a key of its own."""
        workspace = Workspace(
            id=str(uuid5(NAMESPACE_URL, name)), name=name, api_key=api_key, arrivals=Arrivals(self._now)
        )
        self._workspaces[api_key] = workspace
        return workspace

    def project(self, name: str = "default") -> str:
        """Give the id of a project; it's created where it is new."""
        with self._lock:
            return str(self.workspace.ensure_project(name, now=iso(self._now()))["id"])

    def seed(self, runs: Iterable[Mapping[str, Any]], *, project: str = "default") -> int:
        """Store runs in the form of either API, readable at once; return how many.

        A run takes the place of the one with its id, ended or not, as time goes on. One that names no project
        by `session_id`, `project_id` or `session_name` belongs to `project`; one without `end_time` is pending.
        """
        stamp, total = iso(self._now()), 0
        with self._lock:
            for run in runs:
                row = new_run({"session_name": project, **seeded(run)}, self.workspace, now=stamp)
                self.workspace.runs.put(row)
                self.workspace.runs.created.add(row["id"])
                if row["end_time"]:
                    self.workspace.runs.ended.add(row["id"])
                total += 1
            self.received["seeded"] += total
        return total

    def review(self, run_id: str, key: str, *, user: str = "dana", **content: Any) -> str:
        """Give feedback on a run as a person does in the UI; return its id. `content` is score, value, and so on."""
        with self._lock:
            run, stamp = self.workspace.runs.get(run_id), iso(self._now())
            if run is None:
                raise ValueError(f"no run {run_id!r}")
            user_id = str(uuid5(NAMESPACE_URL, user))
            source = {"type": "app", "metadata": {}, "user_id": user_id, "ls_user_id": user_id, "user_name": user}
            place = {name: run[name] for name in ("trace_id", "session_id", "start_time")}
            row: Row = {**dict.fromkeys(("score", "value", "comment", "correction", "extra")), **content, **place}
            row |= {"id": str(uuid4()), "run_id": run_id, "key": key, "feedback_source": source, "extends": True}
            row |= {"created_at": stamp, "modified_at": stamp, "is_root": run["parent_run_id"] is None}
            self.workspace.accepted.add(row["id"])
            self.workspace.put_feedback(row)
            return str(row["id"])

    def state(self) -> dict[str, list[Any]]:
        """Tell everything that was written, comparable with `==`: no ids of the server, no times of writing.

        What is still on its way is taken as arrived.
        """
        with self._lock:
            self.workspace.arrivals.settle(everything=True)
            return snapshot.snapshot(self.workspace)

    def delete_trace(self, trace_id: str) -> None:
        """Delete a trace at once, as a user does in the UI."""
        with self._lock:
            self.workspace.delete_trace(trace_id)

    def forget(self) -> int:
        """Drop every trace with its feedback, and the log; return how many. For long benchmarks."""
        with self._lock:
            self.workspace.arrivals.settle(everything=True)
            traces = self.workspace.runs.traces()
            for trace in traces:
                self.workspace.delete_trace(trace)
            self.requests.clear()
        return len(traces)

    def routes(self) -> Sequence[BaseRoute]:
        """Answer `/info` without a key, the API with one, and nothing else."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints():
            by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        served = [Route(path, partial(self._serve, found), methods=METHODS) for path, found in by_path.items()]
        told = [Route(f"{prefix}/info", self._info) for prefix in PREFIXES]
        exact_first = sorted(served, key=lambda route: route.path.count("{"))
        return [*told, *exact_first, Route("/{path:path}", _missing, methods=METHODS)]

    def error(self, status: int, retry_after: int | None) -> Response:
        """Answer with an error."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        texts = {429: "Rate limit exceeded"}
        return to_response(Answer({"detail": texts.get(status, "Internal server error")}, status, headers))

    def _now(self) -> datetime:
        return self._clock() + self._skew

    async def _info(self, request: Request) -> Response:
        del request
        return to_response(Answer(tenants.info(self.release, self.limits.payload)))

    async def _serve(self, found: Mapping[str, Endpoint], request: Request) -> Response:
        endpoint = found.get(request.method)
        if endpoint is None:
            return to_response(Answer({"detail": "Method Not Allowed"}, 405))
        if not endpoint.served(self.release):
            return await _missing(request)
        body = await request.body()
        try:
            with self._lock:
                answer = self._handle(endpoint, request, body)
        except RefusalError as refusal:
            return to_response(refusal.answer)
        self.received[endpoint.name] += 1
        return to_response(answer)

    def _handle(self, endpoint: Endpoint, request: Request, body: bytes) -> Answer:
        workspace = authorise(request.headers, self._workspaces, self.org_key, platform=endpoint.platform)
        if endpoint.packed:
            body = unpacked(body, request.headers.get("content-encoding", ""), self.limits.payload)
        workspace.arrivals.settle()
        call = self._call(workspace, request, body)
        kind = endpoint.limit(call)
        if kind is not None:
            self._limiter.count(kind, workspace.id, call.moment)
        return endpoint.handler(call)

    def _call(self, workspace: Workspace, request: Request, body: bytes) -> Call:
        faults: tuple[Fault, ...] = request.scope["faults"]
        counts = {fault.kind: fault.count for fault in faults}
        return Call(
            workspace=workspace,
            release=self.release,
            rules=self.rules,
            delays=self.delays,
            path=request.path_params,
            params=request.query_params,
            headers=request.headers,
            body=body,
            moment=self._now(),
            random=self._random,
            shorter=counts.get(FaultKind.SHORTEN),
        )


async def _missing(request: Request) -> Response:
    """Answer what is there on a path that LangSmith doesn't know."""
    del request
    return to_response(refused(404, "Not Found").answer)
