"""Spans out of an OTLP request: protobuf or JSON, gzipped or not."""

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tracevet.testing.langfuse.answers import RefusalError

_HEX_KEYS = ("traceId", "spanId", "parentSpanId")  # OTLP/JSON writes ids in hex where protobuf's JSON has base64


@dataclass(frozen=True, slots=True, kw_only=True)
class OtelSpan:
    """One span with everything that it was sent with; attribute values are plain Python."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    start: int  # nanoseconds since 1970
    end: int
    attributes: Mapping[str, Any]
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    failed: bool
    status_message: str
    resource: Mapping[str, Any]
    scope_name: str
    scope_version: str
    scope_attributes: Mapping[str, Any]


def spans(body: bytes, content_type: str, encoding: str) -> list[OtelSpan]:
    """Read every span of a request.

    Raises:
        RefusalError: the body can't be unpacked or read.
    """
    try:
        data = gzip.decompress(body) if encoding == "gzip" else body
        return list(_spans(_message(data, content_type)))
    except (OSError, EOFError, zlib.error, DecodeError, json_format.ParseError, ValueError):
        raise RefusalError(400, {"message": "Failed to parse OTel Trace", "error": "InvalidRequestError"}) from None


def _message(data: bytes, content_type: str) -> ExportTraceServiceRequest:
    if not content_type.startswith("application/json"):
        return ExportTraceServiceRequest.FromString(data)
    request = ExportTraceServiceRequest()
    json_format.ParseDict(_with_base64(orjson.loads(data)), request, ignore_unknown_fields=True)
    return request


def _with_base64(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_base64(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(binascii.unhexlify(entry)).decode() if key in _HEX_KEYS else _with_base64(entry)
        for key, entry in value.items()
    }


def _spans(request: ExportTraceServiceRequest) -> Iterator[OtelSpan]:
    for group in request.resource_spans:
        resource = _plain(group.resource.attributes)
        for scoped in group.scope_spans:
            for span in scoped.spans:
                yield OtelSpan(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex() or None,
                    name=span.name,
                    start=span.start_time_unix_nano,
                    end=span.end_time_unix_nano,
                    attributes=_plain(span.attributes),
                    events=tuple((event.name, _plain(event.attributes)) for event in span.events),
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                    status_message=span.status.message,
                    resource=resource,
                    scope_name=scoped.scope.name,
                    scope_version=scoped.scope.version,
                    scope_attributes=_plain(scoped.scope.attributes),
                )


def _plain(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(entry) for entry in value.array_value.values]
    if kind == "kvlist_value":
        return _plain(value.kvlist_value.values)
    plain = getattr(value, kind)
    return base64.b64encode(plain).decode() if isinstance(plain, bytes) else plain
