"""One request as the handlers see it, and who may make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import orjson
from starlette.datastructures import Headers, QueryParams

from tracevet.testing.langsmith.answers import RefusalError, refused, rejected, unprocessable
from tracevet.testing.langsmith.options import Delays, Rules
from tracevet.testing.langsmith.release import Release
from tracevet.testing.langsmith.times import iso
from tracevet.testing.langsmith.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authorised request of one workspace."""

    workspace: Workspace
    release: Release
    rules: Rules
    delays: Delays
    path: Mapping[str, str]
    params: QueryParams
    headers: Headers
    body: bytes
    moment: datetime  # by the server's clock
    random: Random
    shorter: int | None = None  # rows on a page at most, by a fault

    @property
    def now(self) -> str:
        """Say what time it is on the server, as times are stored."""
        return iso(self.moment)

    def query(self, name: str) -> str | None:
        """Give a query parameter."""
        return self.params.get(name)

    def every(self, name: str) -> list[str]:
        """Give a query parameter that may be repeated."""
        return self.params.getlist(name)

    def number(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        """Read a whole number from the query.

        Raises:
            RefusalError: it is no number, or out of range.
        """
        text = self.params.get(name, str(default))
        try:
            number = int(text)
        except ValueError:
            raise unprocessable("Input should be a valid integer", "query", name, kind="int_parsing") from None
        if number < least or (most is not None and number > most):
            raise unprocessable(f"Input should be from {least} to {most}", "query", name, kind="out_of_range")
        return number

    def json(self) -> Any:
        """Read the body.

        Raises:
            RefusalError: it is no JSON.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise unprocessable("JSON decode error", "body", kind="json_invalid") from None

    def fields(self) -> dict[str, Any]:
        """Read the body as one object.

        Raises:
            RefusalError: it is no JSON object.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise unprocessable("Input should be a valid dictionary", "body", kind="dict_type")
        return body


def authorise(headers: Headers, workspaces: Mapping[str, Workspace], org_key: str, *, platform: bool) -> Workspace:
    """Find the workspace that a key speaks for; `platform` paths have errors of their own.

    The texts are those of langsmith-sdk issues 3279 (401) and 2492 (403), and of client.py (the organisation's key).

    Raises:
        RefusalError: the key is missing, unknown, or needs `X-Tenant-Id`.
    """
    key, tenant = headers.get("x-api-key"), headers.get("x-tenant-id")
    if key and key == org_key:
        if not tenant:
            raise RefusalError(403, {"error": "org_scoped_key_requires_workspace", "detail": "Forbidden"})
        found = next((workspace for workspace in workspaces.values() if workspace.id == tenant), None)
    else:
        found = workspaces.get(key or "")
        if found is None:
            raise rejected(403, "Forbidden") if platform else refused(401, "Invalid token")
    if found is None or tenant not in (None, "", found.id):
        raise rejected(403, "Forbidden") if platform else refused(403, "Forbidden")
    return found
