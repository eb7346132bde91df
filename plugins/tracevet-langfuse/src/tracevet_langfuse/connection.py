"""The way to one Langfuse project: the SDK's client, a request budget, patience, and what server and SDK can do."""

import os
import random
import re
import time
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tracevet import BusyError, PlatformError, UsageError
from tracevet_langfuse.budget import Budget
from tracevet_langfuse.failures import HOST, KEYS, explain, shown

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

CLOUD = "https://cloud.langfuse.com"
ATTEMPTS = 6
FIRST_WAIT = 0.2  # seconds; doubled with each further attempt
LONGEST_WAIT = 30.0  # seconds; a server that asks for more is given up for now
LISTS_FROM = (4, 59)  # first server that takes lists of scores
EVENTS_FROM = (4, 0)  # first server with observations v2
LISTING_SDK = 5  # first major version of the SDK that sends lists of scores, and nothing else


class Connection:
    """The SDK's client of one project; each request is within the budget, and tried again where that may help."""

    def __init__(
        self,
        host: str,
        *,
        requests_per_minute: int = 0,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the keys from the environment; nothing is sent yet.

        Raises:
            UsageError: keys are missing, or the host is no address.
        """
        public, secret = os.environ.get("LANGFUSE_PUBLIC_KEY", ""), os.environ.get("LANGFUSE_SECRET_KEY", "")
        if not (public and secret):
            raise UsageError(f"Langfuse needs keys: set {KEYS} to those of the project (Settings, API Keys)")
        environment = os.environ.get("LANGFUSE_BASE_URL") or os.environ.get("LANGFUSE_HOST")
        self.host = _address(host or environment or CLOUD)
        self._sleep = sleep
        self._patient = False
        self._budget = Budget(requests_per_minute, sleep=sleep)
        self.pace: Callable[[], None] = lambda: None  # called before each request: the host's budget
        self.sdk = int(version("langfuse").partition(".")[0])
        import httpx

        http = httpx.Client(timeout=timeout, follow_redirects=True)
        weakref.finalize(self, http.close)
        self._http, self._auth = http, (public, secret)
        self.api: Any = _client(self.host, public, secret, http)  # its methods differ between the SDK's versions

    @cached_property
    def server(self) -> tuple[int, int] | None:
        """The server's version, asked for once; None where it does not tell, as a cloud may.

        Raises:
            PlatformError: it can't be asked, or this SDK can't work with it.
        """
        health = self.call("the health check", self.api.health.health)
        found = re.match(r"(\d+)\.(\d+)", str(getattr(health, "version", "")))
        server = (int(found[1]), int(found[2])) if found else None
        if server and self.sdk >= LISTING_SDK and server < LISTS_FROM:
            raise PlatformError(
                f"Langfuse {health.version} at {shown(self.host)} is too old for the Langfuse SDK "
                f"{version('langfuse')}; run: pip install 'langfuse>=4.14,<5'"
            )
        return server

    @property
    def reads_v2(self) -> bool:
        """Whether the server has observations v2."""
        return self.server is None or self.server >= EVENTS_FROM

    @property
    def lists_scores(self) -> bool:
        """Whether SDK and server take lists of scores."""
        self.server  # noqa: B018 - refuses a server that is too old
        return self.sdk >= LISTING_SDK

    @cached_property
    def project(self) -> str:
        """The id of the project that the keys open."""
        found = self.call("the project", self.api.projects.get).data
        if not found:
            raise PlatformError(f"the keys open no project at {shown(self.host)}; set {KEYS} to keys of a project")
        return str(found[0].id)

    def call(self, what: str, request: Callable[..., T], /, **arguments: Any) -> T:
        """Make a request that may be made twice, as often as it takes.

        Raises:
            BusyError: it did not succeed yet.
            PlatformError: it can't succeed.
        """
        return self.patiently(lambda: self.once(what, request, **arguments))

    def once(self, what: str, request: Callable[..., T], /, **arguments: Any) -> T:
        """Make one request; raises as `call` does."""
        self.pace()
        self._budget.spend()
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            return request(**given, request_options={"max_retries": 0})
        except Exception as error:  # the SDK's boundary: its errors have no common base but Exception
            failure = explain(error, self.host, what)
        raise failure  # outside of `except`: the SDK's errors show headers and bodies

    def get(self, what: str, path: str, **params: str | int | None) -> Any:
        """Read a path as plain JSON; raises as `call` does."""
        given = {key: value for key, value in params.items() if value is not None}
        return self.call(what, self._get, path=path, params=given)

    def post(self, what: str, path: str, body: bytes) -> None:
        """Send protobuf to a path for which the SDK has no method; raises as `call` does. It may arrive twice."""
        self.call(what, self._post, path=path, body=body)

    def create(self, what: str, path: str, body: Mapping[str, object]) -> Any:
        """Create something with JSON, once; raises as `call` does."""
        return self.once(what, self._create, path=path, body=body)

    def _create(self, *, path: str, body: Mapping[str, object], request_options: object) -> Any:
        del request_options
        return _sound(self._http.post(f"{self.host}{path}", json=body, auth=self._auth)).json()

    def _get(self, *, path: str, params: dict[str, str | int], request_options: object) -> Any:
        del request_options
        return _sound(self._http.get(f"{self.host}{path}", params=params, auth=self._auth)).json()

    def _post(self, *, path: str, body: bytes, request_options: object) -> None:
        del request_options
        # x-langfuse-ingestion-version: without it Langfuse 4 takes spans by a slower way (SDK, span_processor.py)
        headers = {"content-type": "application/x-protobuf", "x-langfuse-ingestion-version": "4"}
        _sound(self._http.post(f"{self.host}{path}", content=body, auth=self._auth, headers=headers))

    def patiently(self, attempt: Callable[[], T]) -> T:
        """Try until it works, it can't work, or patience ends; raises as `call` does. Within an attempt try once."""
        if self._patient:
            return attempt()
        self._patient = True
        try:
            return self._patiently(attempt)
        finally:
            self._patient = False

    def _patiently(self, attempt: Callable[[], T]) -> T:
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


def _address(host: str) -> str:
    parts = urlsplit(host if "//" in host else f"https://{host}")
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(f"{HOST} is no address; write it as {CLOUD}")
    return parts.geturl().rstrip("/")


def _sound(answer: "httpx.Response") -> "httpx.Response":
    """Give an answer that is none of an error, nor a page; else raise what the SDK raises."""
    from langfuse.api.core.api_error import ApiError

    kind = answer.headers.get("content-type", "")
    if answer.is_success and not kind.startswith("text/html"):
        return answer
    body = answer.json() if kind.startswith("application/json") else answer.text
    raise ApiError(status_code=answer.status_code, headers=dict(answer.headers), body=body)


def _client(host: str, public: str, secret: str, http: "httpx.Client") -> Any:
    from langfuse.api import LangfuseAPI

    return LangfuseAPI(
        base_url=host,
        x_langfuse_sdk_name="python",
        x_langfuse_sdk_version=version("langfuse"),
        x_langfuse_public_key=public,
        username=public,
        password=secret,
        httpx_client=http,
    )
