"""The way to one Langfuse project: the SDK's client, a request budget, patience, and what server and SDK can do."""

import os
import random
import re
import time
import weakref
from collections.abc import Callable
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
        self._budget = Budget(requests_per_minute, sleep=sleep)
        self.sdk = int(version("langfuse").partition(".")[0])
        import httpx

        http = httpx.Client(timeout=timeout, follow_redirects=True)
        weakref.finalize(self, http.close)
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
        self._budget.spend()
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            return request(**given, request_options={"max_retries": 0})
        except Exception as error:  # the SDK's boundary: its errors have no common base but Exception
            failure = explain(error, self.host, what)
        raise failure  # outside of `except`: the SDK's errors show headers and bodies

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


def _address(host: str) -> str:
    parts = urlsplit(host if "//" in host else f"https://{host}")
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(f"{HOST} is no address; write it as {CLOUD}")
    return parts.geturl().rstrip("/")


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
