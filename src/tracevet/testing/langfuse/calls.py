"""One request as the handlers see it, and who may make it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import QueryParams

from tracevet.testing.langfuse.answers import RefusalError, invalid, mistyped
from tracevet.testing.langfuse.arrivals import Delays
from tracevet.testing.langfuse.project import Project
from tracevet.testing.langfuse.release import Release

_HINT = ". Confirm that you've configured the correct host."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authorised request of one project."""

    project: Project
    release: Release
    path: Mapping[str, str]
    params: QueryParams
    body: bytes
    now: str
    delays: Delays
    content_type: str = "application/json"
    encoding: str = ""
    rejected: int = 0  # items of the batch that a fault refuses
    shorter: int | None = None  # rows on a page at most, by a fault
    metadata_cut: int | None = 200  # characters of a metadata value that is not expanded
    response_cap: int = 5_000_000  # characters of input and output on one page

    def query(self, name: str) -> str | None:
        """Give a query parameter."""
        return self.params.get(name)

    def every(self, name: str) -> list[str]:
        """Give a query parameter that may be repeated or hold commas."""
        return [part for value in self.params.getlist(name) for part in value.split(",") if part]

    def json(self) -> Any:
        """Read the body.

        Raises:
            RefusalError: it is no JSON.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise RefusalError(400, {"message": "Invalid JSON", "error": "InvalidRequestError"}) from None

    def fields(self) -> dict[str, Any]:
        """Read the body as one object.

        Raises:
            RefusalError: it is no JSON object.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise invalid(mistyped("object", body))
        return body


def authorise(header: str | None, projects: Mapping[str, Project], *, public_key_is_enough: bool) -> Project:
    """Find the project that the Authorization header speaks for.

    Raises:
        RefusalError: 401 for missing or wrong keys, 403 for a public key where the secret key is needed.
    """
    if not header:
        raise RefusalError(401, {"message": "No authorization header"})
    scheme, _, value = header.partition(" ")
    if scheme == "Basic":
        return _by_keys(value, projects)
    if scheme != "Bearer":
        raise RefusalError(401, {"message": "Invalid authorization header"})
    project = projects.get(value)
    if project is None:
        raise RefusalError(401, {"message": "Invalid public key" + _HINT})
    if not public_key_is_enough:
        raise RefusalError(403, {"message": "Access denied - need to use basic auth with secret key"})
    return project


def _by_keys(value: str, projects: Mapping[str, Project]) -> Project:
    try:
        public, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        public, colon, secret = "", "", ""
    if not (public and colon and secret):
        raise RefusalError(401, {"message": "Invalid authorization header" + _HINT})
    project = projects.get(public)
    if project is None or project.secret_key != secret:
        raise RefusalError(401, {"message": "Invalid credentials" + _HINT})
    return project
