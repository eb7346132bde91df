"""One POST to an address that a user set, which may be slow, wrong or hostile."""

import ssl
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import httpcore

from tracevet.builtin.addresses import Deadline, Guarded, PrivateAddressError
from tracevet.errors import BusyError, RefusedError

ANSWER = 65_536  # bytes read of an answer
MOVED = frozenset({307, 308})  # the redirects that keep method and body
OK = range(200, 300)
BUSY = frozenset({408, 425, 429})
SERVER_ERROR = 500

Answer = tuple[int, dict[str, str]]  # status, headers by lower-case name


class Posting:
    """Posts within a time, to public addresses unless told otherwise."""

    def __init__(self, *, seconds: float, redirects: int, allow_private: bool) -> None:
        """Say how long all of it may take, how many redirects are followed, and whether private addresses are."""
        self._seconds, self._redirects, self._allow_private = seconds, redirects, allow_private

    def flaw(self, url: str) -> str:
        """Say what is wrong with an address, without repeating it; "" is nothing."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "the url can't be read; write https://HOST/PATH"
        if not url.isascii() or any(letter <= " " for letter in url):
            return "the url must hold no spaces and no letters beyond ASCII"
        allowed = ("https", "http") if self._allow_private else ("https",)
        if parts.scheme not in allowed or not parts.hostname or port == 0:
            return "the url must begin with https:// and name a host (http:// only with allow_private = true)"
        if parts.username or parts.password:
            return "the url must hold no user and password; the signature proves the sender"
        return ""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Post; return once a 2xx that is no page was answered.

        Raises:
            BusyError: it can't be reached, hangs, or can't now.
            RefusedError: it refuses, answers with a page or a redirect, or leads to a private address.
        """
        deadline = Deadline(self._seconds)
        for _ in range(self._redirects + 1):
            status, answer = self._once(url, headers, body, deadline)
            if status not in MOVED or "location" not in answer:
                return _judge(status, answer)
            url = urljoin(url, answer["location"])
            if flaw := self.flaw(url):
                raise RefusedError(f"it redirects to an address that is no good: {flaw}")
        raise RefusedError("it answered with a redirect; set the new address as url, or allow more redirects")

    def _once(self, url: str, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> Answer:
        timeouts = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)}
        backend = Guarded(deadline, allow_private=self._allow_private)
        secured = ssl.create_default_context()
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, ssl_context=secured) as pool,
                pool.stream("POST", url, headers=[*headers.items()], content=body, extensions=timeouts) as response,
            ):
                _read(response)
                return response.status, _fields(response)
        except PrivateAddressError:
            raise RefusedError("its address is private; allow_private = true allows that") from None
        except httpcore.TimeoutException:
            raise BusyError(f"it did not answer within {self._seconds:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise BusyError(f"it can't be reached ({type(error).__name__})") from None


def _read(response: httpcore.Response) -> None:
    """Read the answer's beginning: one that never ends costs no memory."""
    size = 0
    for chunk in response.iter_stream():
        size += len(chunk)
        if size > ANSWER:
            return


def _fields(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _judge(status: int, answer: Mapping[str, str]) -> None:
    if status in OK:
        if "html" in answer.get("content-type", "").lower():
            raise RefusedError(f"it answered {status} with a web page, as a login or a proxy does")
        return
    if status in BUSY or status >= SERVER_ERROR:
        raise BusyError(f"it answered {status}", after=_after(answer.get("retry-after", "")))
    raise RefusedError(f"it answered {status}")


def _after(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= len("86400") else None
