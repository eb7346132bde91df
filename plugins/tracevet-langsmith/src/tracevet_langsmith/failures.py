"""What went wrong with a request, as one sentence that says what to set or do; it never holds a key."""

import json
import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tracevet import BusyError, PlatformError, RefusedError

KEY = "LANGSMITH_API_KEY"
HOST = "LANGSMITH_ENDPOINT"
WORKSPACE = "LANGSMITH_WORKSPACE_ID"
REGIONS = (
    "https://api.smith.langchain.com, https://eu.api.smith.langchain.com, "
    "https://apac.api.smith.langchain.com or https://aws.api.smith.langchain.com"
)
UNAUTHORISED, PAYMENT, FORBIDDEN, NOT_FOUND, TIMED_OUT, CONFLICT = 401, 402, 403, 404, 408, 409
TOO_MANY, SERVER, NOT_IMPLEMENTED = 429, 500, 501

_FIELD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,60}")
_ORGANISATION = "org_scoped_key_requires_workspace"
_LIMIT = re.compile(r"retention|longlived|usage limit|trace limit|quota", re.IGNORECASE)


class NotFoundError(RefusedError):
    """What the request asks for is not there."""


class ConflictError(RefusedError):
    """What the request would make is there already."""


class ForbiddenError(PlatformError):
    """The key may not do this; it may well do other things."""


class UnreadableError(PlatformError):
    """The answer is JSON that can't be parsed: too deep, or cut."""


def shown(host: str) -> str:
    """Give scheme, name and port of a host, without user and password."""
    parts = urlsplit(host)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def explain(error: Exception, host: str, what: str) -> PlatformError:
    """Turn what the SDK or the network raised into an error of ours.

    BusyError: the same request may succeed later. RefusedError: it will not.
    """
    from langsmith import APIConnectionError

    where = shown(host)
    if isinstance(error, APIConnectionError):
        return _unreached(error, where, what)
    status: int | None = getattr(error, "status_code", None)
    if status is None:
        kind = type(error).__name__
        return PlatformError(f"the LangSmith SDK failed on {what} at {where} with {kind}; install another langsmith")
    body = getattr(error, "body", None)
    if status in (PAYMENT, FORBIDDEN, TOO_MANY) and _LIMIT.search(_said(body)):
        return PlatformError(
            f"LangSmith at {where} refused {what}: the plan's limit on traces or their retention is reached; raise it "
            "under Settings, Usage; what is not written stays in the ledger"
        )
    if status in (TOO_MANY, TIMED_OUT) or (status >= SERVER and status != NOT_IMPLEMENTED):
        return BusyError(f"LangSmith at {where} answered {status} on {what}", after=_after(error))
    return _refused(status, body, where, what)


def page(host: str, what: str) -> PlatformError:
    """Say that an answer is no JSON."""
    return PlatformError(
        f"{shown(host)} answered {what} with something that is no JSON: a proxy, a login page, or no LangSmith at all; "
        f"set {HOST} to the address of LangSmith's API"
    )


def _refused(status: int, body: object, where: str, what: str) -> PlatformError:
    if _ORGANISATION in _said(body):
        return PlatformError(
            f"the key in {KEY} is one of an organisation; set {WORKSPACE} to the id of the workspace "
            "(Settings, Workspaces)"
        )
    if status == UNAUTHORISED:
        return PlatformError(
            f"LangSmith at {where} does not accept the key; set {KEY} to a key of the workspace, and {HOST} to its "
            f"region: {REGIONS}"
        )
    if status == FORBIDDEN:
        return ForbiddenError(
            f"LangSmith at {where} forbids {what} with this key; set {KEY} to one that may, and {HOST} to its region: "
            f"{REGIONS}"
        )
    if isinstance(body, str) and body.lstrip()[:1] == "<":
        return page(where, what)
    kind = {NOT_FOUND: NotFoundError, CONFLICT: ConflictError}.get(status, RefusedError)
    return kind(f"LangSmith at {where} refused {what} with {status}{_fields(body)}")


def _said(body: object) -> str:
    return body[:4000] if isinstance(body, str) else json.dumps(body, default=str)[:4000]


def _unreached(error: Exception, where: str, what: str) -> PlatformError:
    names = {type(cause).__name__ for cause in _causes(error)}
    if any(isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(cause) for cause in _causes(error)):
        return PlatformError(
            f"the TLS certificate of {where} can't be verified; set SSL_CERT_FILE to your authority's certificates, "
            f"or correct {HOST}"
        )
    if names & {"UnsupportedProtocol", "InvalidURL"}:
        return PlatformError(f"{where} is no address of a LangSmith; set {HOST} to {REGIONS}")
    if names & {"ConnectError", "ConnectTimeout"}:
        return BusyError(f"LangSmith can't be reached at {where}; set {HOST} to its address, or start it")
    return BusyError(f"the connection to LangSmith at {where} broke on {what}")


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _after(error: Any) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    text = str(headers.get("retry-after", "")).strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _fields(body: Any) -> str:
    """Name the fields that the server complains of; its own words may quote what was sent."""
    issues = body.get("detail") if isinstance(body, dict) else None
    paths = [issue.get("loc") for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    names = {".".join(map(str, path)) for path in paths if isinstance(path, list)}
    fields = ", ".join(sorted(name for name in names if _FIELD.fullmatch(name)))
    return f": {fields}" if fields else ""
