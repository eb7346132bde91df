"""The body of an ingestion request: unpacked, and taken apart into operations."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson
import zstandard
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from tracevet.testing.langsmith.answers import Row, rejected

Kind = Literal["post", "patch", "feedback"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to store: a new run, a change of a run, or feedback."""

    kind: Kind
    fields: Row


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Unpack a body of at most `limit` bytes.

    Raises:
        RefusalError: it is larger, or packed in another way than it says.
    """
    try:
        if encoding == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body), read_across_frames=True) as reader:
                body = reader.read(limit + 1)
        elif encoding == "gzip":
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(limit + 1)
    except (zstandard.ZstdError, OSError, EOFError, zlib.error):
        raise rejected(400, f"the body is not valid {encoding}") from None
    if len(body) > limit:
        raise rejected(413, f"the body exceeds {limit} bytes")
    return body


def operations(body: bytes, content_type: str) -> Iterator[Operation]:
    """Take a multipart body apart, in the order of its parts; attachments are known by name.

    Raises:
        RefusalError: it is no multipart body, or a part of it is no JSON or belongs to nothing.
    """
    if not body.rstrip().endswith(b"--"):
        raise rejected(422, "the body ends before its last boundary")
    built: dict[tuple[str, str], Row] = {}
    attached: dict[str, dict[str, str]] = {}
    for name, value in _parts(body, content_type):
        kind, _, rest = name.partition(".")
        run, _, field = rest.partition(".")
        if kind == "attachment":
            attached.setdefault(run, {})[field] = f"attachments/{run}/{field}"
        elif kind in ("post", "patch", "feedback") and run:
            _take(built, (kind, run), field, _loaded(name, value))
        else:
            raise rejected(422, f"unexpected part {kind!r}")
    for (kind, run), fields in built.items():
        urls = {"s3_urls": attached[run]} if run in attached and kind != "feedback" else {}
        yield Operation(kind, {"id": run, **fields, **urls})  # type: ignore[arg-type]  # one of the three, by the test above


def _take(built: dict[tuple[str, str], Row], key: tuple[str, str], field: str, value: Any) -> None:
    if field:
        if key not in built:
            raise rejected(422, f"the part {field!r} comes before its run")
        built[key][field] = value
    elif isinstance(value, dict):
        built[key] = value
    else:
        raise rejected(422, "a run is a JSON object")


def _loaded(name: str, value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise rejected(422, f"the part {name.partition('.')[0]!r} is no JSON") from None


def _parts(body: bytes, content_type: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    headers = {"Content-Type": content_type.encode("latin-1"), "Content-Length": str(len(body)).encode()}
    try:
        parse_form(
            headers,
            io.BytesIO(body),
            lambda field: found.append(((field.field_name or b"").decode("utf-8", "replace"), field.value or b"")),
            lambda file: found.append(((file.field_name or b"").decode("utf-8", "replace"), b"")),
        )
    except (FormParserError, ValueError):
        raise rejected(422, "the body is no multipart form") from None
    return found
