"""What went wrong with a request, as one sentence that says what to set or do; it never holds a key."""

import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tracevet import BusyError, PlatformError, RefusedError

if TYPE_CHECKING:
    import httpx

KEYS = "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"
HOST = "LANGFUSE_BASE_URL"
BAD_REQUEST, UNAUTHORISED, FORBIDDEN, NOT_FOUND, TIMED_OUT, TOO_MANY, SERVER = 400, 401, 403, 404, 408, 429, 500

_PATH = re.compile(r"[A-Za-z0-9_.\[\]-]{1,60}")


class NotFoundError(RefusedError):
    """What the request asks for is not there."""


def shown(host: str) -> str:
    """Give scheme, name and port of a host, without user and password."""
    parts = urlsplit(host)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def explain(error: Exception, host: str, what: str) -> PlatformError:
    """Turn what the SDK or the network raised into an error of ours.

    BusyError: the same request may succeed later. RefusedError: it will not.
    """
    import httpx

    where = shown(host)
    if isinstance(error, httpx.HTTPError):
        return _unreached(error, where, what)
    status: int | None = getattr(error, "status_code", None)
    if status is None:
        return PlatformError(page(where, what) if isinstance(error, JSONDecodeError) else _odd(error, where))
    if status in (TOO_MANY, TIMED_OUT) or status >= SERVER:
        return BusyError(f"Langfuse at {where} answered {status} on {what}", after=_after(error))
    return _refused(status, getattr(error, "body", None), where, what)


def _refused(status: int, body: object, where: str, what: str) -> PlatformError:
    if status == UNAUTHORISED:
        return PlatformError(
            f"Langfuse at {where} does not accept the keys; set {KEYS} to keys of the project, and {HOST} to its host"
        )
    if status == FORBIDDEN:
        return PlatformError(
            f"Langfuse at {where} forbids {what} with these keys; set {KEYS} to both keys of the project"
        )
    if status < BAD_REQUEST or (isinstance(body, str) and body.lstrip()[:1] == "<"):
        return PlatformError(page(where, what))
    kind = NotFoundError if status == NOT_FOUND else RefusedError
    return kind(f"Langfuse at {where} refused {what} with {status}{_issues(body)}")


def _unreached(error: "httpx.HTTPError", where: str, what: str) -> PlatformError:
    import httpx

    if _is_tls(error):
        return PlatformError(
            f"the TLS certificate of {where} can't be verified; set SSL_CERT_FILE to your authority's certificates, "
            f"or correct {HOST}"
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return BusyError(f"Langfuse can't be reached at {where}; set {HOST} to its address, or start it")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        return BusyError(f"the connection to Langfuse at {where} broke on {what}: {type(error).__name__}")
    return PlatformError(f"{where} is no address of a Langfuse; set {HOST}, such as https://cloud.langfuse.com")


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(cause) or "[SSL" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def page(where: str, what: str) -> str:
    """Say that an answer is none of Langfuse's."""
    return (
        f"{where} answered {what} with something that is not Langfuse's: a proxy, a login page, or another server; "
        f"set {HOST} to the address of Langfuse itself"
    )


def _odd(error: Exception, where: str) -> str:
    return f"the Langfuse SDK failed on an answer of {where} with {type(error).__name__}; install another langfuse"


def _after(error: Any) -> float | None:
    headers = {str(key).lower(): str(value) for key, value in (getattr(error, "headers", None) or {}).items()}
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _issues(body: Any) -> str:
    """Name the fields that the server complains of; its own words may quote what was sent."""
    issues = body.get("error") if isinstance(body, dict) else None
    paths = [issue.get("path") for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    names = {".".join(map(str, path)) for path in paths if isinstance(path, list)}
    fields = ", ".join(sorted(name for name in names if _PATH.fullmatch(name)))
    return f": {fields}" if fields else ""
