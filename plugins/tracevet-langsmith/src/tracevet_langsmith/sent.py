"""What the SDK sent: the run operations in the body of one of its requests. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracevet import Json
from tracevet_langsmith.connection import Row

LARGEST = 256 * 1024 * 1024  # bytes of a body that is still unpacked
FIELDS = (
    *("id", "trace_id", "parent_run_id", "dotted_order", "run_type", "name", "start_time", "end_time", "tags"),
    *("extra", "inputs", "outputs"),
)
CONTENT = ("inputs", "outputs", "extra")  # parts of their own in a multipart body
POST, PATCH = "post", "patch"


@dataclass(slots=True)
class Operation:
    """A run that was begun (`post`) or ended (`patch`), as it was sent."""

    kind: str
    head: Row
    parts: dict[str, bytes] = field(default_factory=dict)
    attached: int = 0

    @property
    def trace(self) -> str:
        """The id of its trace."""
        return str(self.head.get("trace_id") or self.head.get("id") or "")

    def row(self) -> Row:
        """Give the run as a row, with what it holds."""
        found: Row = {key: self.head[key] for key in FIELDS if key in self.head}
        found |= {key: json.loads(data) for key, data in self.parts.items()}
        if self.attached:
            found["attachments"] = {str(number): "" for number in range(self.attached)}
        return found


def operations(path: str, headers: Mapping[str, str], body: bytes) -> Iterator[Operation]:
    """Yield the operations of a request; none where it is none for runs.

    Raises:
        ValueError: the body is not what its headers say.
    """
    if path.endswith("/runs/multipart"):
        yield from _multipart(headers, body)
    elif path.endswith("/runs/batch"):
        batch = json.loads(body)
        for kind in (POST, PATCH):
            yield from (Operation(kind, head) for head in batch.get(kind) or () if isinstance(head, dict))
    elif path.endswith("/runs"):
        yield Operation(POST, json.loads(body))
    elif path.rpartition("/")[0].endswith("/runs"):
        yield Operation(PATCH, {"id": path.rpartition("/")[2], **json.loads(body)})


def _multipart(headers: Mapping[str, str], body: bytes) -> Iterator[Operation]:
    from requests_toolbelt import MultipartDecoder  # type: ignore[import-untyped]  # ships no types

    if headers.get("Content-Encoding") == "zstd":
        body = _unpacked(body)
    found: dict[tuple[str, str], Operation] = {}
    for part in MultipartDecoder(body, headers["Content-Type"]).parts:
        kind, _, rest = _name(part.headers).partition(".")
        run, _, key = rest.partition(".")
        if kind in (POST, PATCH) and not key:
            found[kind, run] = Operation(kind, json.loads(part.content))
        elif kind in (POST, PATCH) and key in CONTENT and (kind, run) in found:
            found[kind, run].parts[key] = part.content
        elif kind == "attachment":
            for operation in (found[one, run] for one in (POST, PATCH) if (one, run) in found):
                operation.attached += 1
    yield from found.values()


def _name(headers: Mapping[Any, Any]) -> str:
    disposition = headers.get(b"Content-Disposition") or b""
    return str(disposition.decode("utf-8", "replace")).partition('name="')[2].partition('"')[0]


def _unpacked(body: bytes) -> bytes:
    import zstandard

    with zstandard.ZstdDecompressor().stream_reader(body) as reader:
        data = reader.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("the body is too large")
    return data


def merged(sent: Iterable[tuple[str, Row]]) -> list[Row]:
    """Make one row of each run of what was sent of it, in any order, repeated or not: the end wins."""
    found: dict[str, dict[str, Json]] = {}
    for _, row in sorted(sent, key=lambda one: one[0] == PATCH):
        told = {key: value for key, value in row.items() if value is not None}
        found.setdefault(str(row.get("id")), {}).update(told)
    return list(found.values())
