"""The way to one LangSmith workspace: the SDK's client, a request budget, patience, and what the server can do."""

import os
import random
import re
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from tracevet import BusyError, Json, PlatformError, UsageError
from tracevet_langsmith.budget import LIMITS, Budget, Kind
from tracevet_langsmith.failures import HOST, KEY, REGIONS, WORKSPACE, UnreadableError, explain, page, shown

T = TypeVar("T")
S = TypeVar("S")
Row: TypeAlias = dict[str, Json]

CLOUD = "https://api.smith.langchain.com"
CLOUD_DOMAIN = "smith.langchain.com"
ATTEMPTS = 6
FIRST_WAIT = 0.2  # seconds; doubled with each further attempt
LONGEST_WAIT = 30.0  # seconds; a server that asks for more is given up for now
TOGETHER = 4  # requests under way at once
LISTED = 100  # things on a page of a v1 listing; the server's limit
V2_FROM = (0, 16)  # first server with the v2 queries
ITEMS_FROM = (0, 16, 14)  # first server whose queues hold items


class Connection:
    """The SDK's client of one workspace; each request is within the budget, and tried again where that may help.

    It is the SDK's generated client: it samples nothing, sends nothing in batches (which would extend the retention
    of traces), and logs no content.
    """

    def __init__(
        self,
        host: str = "",
        workspace: str = "",
        *,
        requests_per_10s: int = 0,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take key, host and workspace from the environment where they are not given; nothing is sent yet.

        Raises:
            UsageError: there is no key, or the host is no address.
        """
        key = _set("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
        if not key:
            raise UsageError(f"LangSmith needs a key: set {KEY} to one of the workspace (Settings, API Keys)")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError(f"the key in {KEY} holds characters that no key has; copy it again")
        self.host = _address(host or _set("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT") or CLOUD)
        workspace = workspace or _set("LANGSMITH_WORKSPACE_ID")
        if workspace and not re.fullmatch(r"[0-9A-Za-z-]{1,64}", workspace):
            raise UsageError(f"{WORKSPACE} is no id of a workspace; copy it from Settings, Workspaces")
        self._sleep = sleep
        limits = LIMITS if (urlsplit(self.host).hostname or "").endswith(CLOUD_DOMAIN) else {}
        self._budget = Budget(limits, requests_per_10s, sleep=sleep)
        self.pace: Callable[[], None] = lambda: None  # called before each request: the host's budget
        self.client: Any = _client(self.host, key, workspace, timeout)  # typed by the SDK's version
        weakref.finalize(self, self.client.close)

    @cached_property
    def version(self) -> tuple[int, ...] | None:
        """The server's version, asked for once; None where it does not tell.

        Raises:
            PlatformError: it can't be asked.
        """
        told = self.get("the server's version", "/api/v1/info")
        found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", str(told.get("version", ""))) if isinstance(told, dict) else None
        return tuple(int(part or 0) for part in found.groups()) if found else None

    @property
    def reads_v2(self) -> bool:
        """Whether the server has the v2 queries."""
        return self.version is None or self.version >= V2_FROM

    @property
    def has_items(self) -> bool:
        """Whether the server's annotation queues hold items."""
        return self.version is None or self.version >= ITEMS_FROM

    @cached_property
    def workspace(self) -> str:
        """The id of the workspace that the key opens.

        Raises:
            PlatformError: the server can't be asked, or tells of none.
        """
        told = self.get("the workspace", "/api/v1/settings")
        name = told.get("id") if isinstance(told, dict) else None
        if not isinstance(name, str) or not name:
            raise PlatformError(f"the key opens no workspace at {shown(self.host)}; set {KEY} to a key of a workspace")
        return name

    def get(self, what: str, path: str, *, kind: Kind = Kind.OTHER, **query: object) -> Any:
        """Ask for something, as often as it takes; raises as `call` does."""
        options = {"params": {key: value for key, value in query.items() if value is not None}}
        return self.call(what, self.client.get, kind=kind, path=path, cast_to=object, options=options)

    def listed(self, what: str, path: str, *, kind: Kind = Kind.OTHER, **query: object) -> Iterator[Row]:
        """Yield the things of a v1 listing."""
        offset = 0
        while True:
            rows = self.get(what, path, kind=kind, limit=LISTED, offset=offset, **query)
            if not isinstance(rows, list):
                raise page(self.host, what)
            yield from (row for row in rows if isinstance(row, dict))
            if len(rows) < LISTED:
                return
            offset += len(rows)

    def post(self, what: str, path: str, body: object, *, kind: Kind = Kind.OTHER) -> Any:
        """Send something once; raises as `call` does."""
        return self.once(what, self.client.post, kind=kind, path=path, cast_to=object, body=body)

    def patch(self, what: str, path: str, body: Mapping[str, object], *, kind: Kind = Kind.OTHER) -> Any:
        """Change something once; raises as `call` does."""
        return self.once(what, self.client.patch, kind=kind, path=path, cast_to=object, body=body)

    def call(self, what: str, request: Callable[..., Any], /, *, kind: Kind = Kind.OTHER, **arguments: object) -> Any:
        """Make a request that may be made twice, as often as it takes; give the answer's JSON.

        Raises:
            BusyError: it did not succeed yet.
            PlatformError: it can't succeed.
        """
        return self.patiently(lambda: self.once(what, request, kind=kind, **arguments))

    def once(self, what: str, request: Callable[..., Any], /, *, kind: Kind = Kind.OTHER, **arguments: object) -> Any:
        """Make one request; raises as `call` does."""
        self.pace()
        self._budget.spend(kind)
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            answer = request(**given)
            answer = answer.json() if hasattr(answer, "http_response") else answer
        except RecursionError:
            failure: PlatformError = UnreadableError(f"LangSmith's answer on {what} is nested too deeply")
        except ValueError as error:
            failure = page(self.host, what) if "JSON" in type(error).__name__ else explain(error, self.host, what)
        except Exception as error:  # the SDK's boundary: its errors have no common base but Exception
            failure = explain(error, self.host, what)
        else:
            if isinstance(answer, str) and answer.strip():
                raise page(self.host, what)
            return answer
        raise failure  # outside of `except`: the SDK's errors show headers and bodies

    def together(self, work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Yield what `work` gives for each item, in order, a few at a time: most of a request is waiting."""
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="tracevet-langsmith") as pool:
            under_way: deque[Future[T]] = deque()
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) == TOGETHER:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def patiently(self, attempt: Callable[[], T]) -> T:
        """Try until it works, it can't work, or patience ends; raises as `call` does."""
        for number in range(ATTEMPTS):
            try:
                return attempt()
            except BusyError as error:
                wait = FIRST_WAIT * 2**number * (1 + random.random() / 4)  # noqa: S311 - spreads load, hides nothing
                wait = max(wait, error.after or 0.0)
                if number == ATTEMPTS - 1 or wait > LONGEST_WAIT:
                    raise
            self._sleep(wait)
        raise AssertionError("unreachable")


def _set(*names: str) -> str:
    return next((value.strip() for name in names if (value := os.environ.get(name, "")).strip()), "")


def _address(host: str) -> str:
    """Give the address below which all paths stand; the SDK's own variable may hold `/api/v1`, too."""
    parts = urlsplit(host if "//" in host else f"https://{host}")
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(f"{HOST} is no address; write it as {REGIONS}")
    return re.sub(r"/api(/v[12])?$", "", parts.geturl().rstrip("/"))


def _client(host: str, key: str, workspace: str, timeout: float) -> Any:
    from langsmith import Langsmith

    return Langsmith(api_key=key, tenant_id=workspace or None, base_url=host, timeout=timeout, max_retries=0)
