"""Both ends of live vetting: the SDK's client, watched in the application, and traces made of what that saw."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracevet import Json, LiveSpan, Tap, Trace, langfuse_trace
from tracevet_langfuse.observed import SDK, is_root, observation, plain
from tracevet_langfuse.reading import Wanted
from tracevet_langfuse.rows import OWN_TAG, ours

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExportResult


def tap(client: object) -> "LangfuseTap | None":
    """Watch a client of the SDK; None: it is none. Where the SDK was not imported, nothing is its client."""
    kind = getattr(sys.modules.get("langfuse"), "Langfuse", None)
    if not isinstance(kind, type) or not isinstance(client, kind):
        return None
    return LangfuseTap(getattr(client, "_resources", None))


class LangfuseTap(Tap):
    """Watches what one client exports."""

    def __init__(self, resources: Any) -> None:
        """Take the client's resources; None or one without a provider: it does not trace, and nothing is watched."""
        self._resources = resources
        self._provider = getattr(resources, "tracer_provider", None)

    def environment(self) -> Mapping[str, str]:
        """Give the client's keys and host."""
        named = {
            "LANGFUSE_PUBLIC_KEY": "public_key",
            "LANGFUSE_SECRET_KEY": "secret_key",
            "LANGFUSE_BASE_URL": "base_url",
        }
        found = {variable: getattr(self._resources, name, None) for variable, name in named.items()}
        return {variable: str(value) for variable, value in found.items() if value}

    def options(self) -> Mapping[str, Json]:
        """Give the client's host: it wins over one in the configuration."""
        host = self.environment().get("LANGFUSE_BASE_URL")
        return {"host": host} if host else {}

    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        """Add a processor to the client's provider; it can't be taken off again, but falls silent."""
        if self._provider is None:
            return lambda: None
        from tracevet_langfuse.processor import Noting

        noting = Noting(on_span, on_flush)
        self._provider.add_span_processor(noting)
        return noting.close

    def trace(self, span: Any) -> str:
        """Name a span's trace."""
        return f"{span.context.trace_id:032x}"

    def read(self, span: Any) -> LiveSpan | None:
        """Read a span as this client exports it, after the application's own masks; None: it does not export it."""
        masked = next(iter(self._masked(span)), None) if self._exports(span) else None
        if masked is None:
            return None
        data = as_sent(masked)
        return LiveSpan(trace=self.trace(span), data=data, last=is_root(masked.attributes or {}, masked.parent))

    def _exports(self, span: Any) -> bool:
        """Decide as the SDK's own processor does (`LangfuseSpanProcessor.on_end`)."""
        scope, client = span.instrumentation_scope, self._resources
        name = scope.name if scope else ""
        own = name == SDK and (scope.attributes or {}).get("public_key") != client.public_key
        if own or not span.context.trace_flags.sampled:
            return False
        if name in (getattr(client, "blocked_instrumentation_scopes", None) or ()):  # SDK 4
            return False
        from langfuse.span_filter import is_default_export_span

        try:
            return bool((client.should_export_span or is_default_export_span)(span))
        except Exception:  # the application's own function; the SDK leaves such a span out, too
            return False

    def _masked(self, span: Any) -> Iterable[Any]:
        """Mask a span with the SDK's own code, so that what the application hides stays hidden from us."""
        mask = getattr(self._resources, "mask_otel_spans", None)
        mask = getattr(mask, "inner", mask)  # of our own mask only the application's part
        if mask is None:
            return (span,)
        from langfuse._client.span_exporter import LangfuseTransformingSpanExporter

        kept: Any = _Kept()
        LangfuseTransformingSpanExporter(exporter=kept, media_manager=None, mask_otel_spans=mask).export([span])
        return list(kept.spans)


def as_sent(span: "ReadableSpan") -> dict[str, Json]:
    """Give a span as JSON: what `observed.observation` reads."""
    scope, context = span.instrumentation_scope, span.context
    return {
        "trace": f"{context.trace_id:032x}",
        "id": f"{context.span_id:016x}",
        "parent": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "start": span.start_time,
        "end": span.end_time,
        "attributes": plain(span.attributes or {}),
        "events": [[event.name, plain(event.attributes or {})] for event in span.events],
        "resource": plain(span.resource.attributes),
        "scope": [scope.name, scope.version or "", plain(scope.attributes or {})] if scope else ["", "", {}],
    }


def assembled(spans: Sequence[Json], wanted: Wanted, host: str, project: str) -> Trace | None:
    """Make the trace of its spans as it is read later; None where it is not wanted, or nothing in it is ours to vet."""
    rows: list[dict[str, Any]] = [*ours(observation(span) for span in spans if isinstance(span, dict))]
    if not rows or not _is_wanted(rows, wanted):
        return None
    for row in rows:  # as on reading: what we write makes no trace another one
        row["tags"] = [tag for tag in row["tags"] if not tag.startswith(OWN_TAG)]
    trace = langfuse_trace(rows)
    return replace(trace, url=f"{host}/project/{project}/traces/{trace.id}") if project else trace


def _is_wanted(rows: Sequence[Mapping[str, Any]], wanted: Wanted) -> bool:
    environments = {row["environment"] for row in rows}
    tags = {tag for row in rows for tag in row["tags"]}
    return (not wanted.environments or bool(environments.intersection(wanted.environments))) and (
        not wanted.tags or bool(tags.intersection(wanted.tags))
    )


class _Kept:
    """Takes the place of an exporter, and keeps what would be sent."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: "Iterable[ReadableSpan]") -> "SpanExportResult":
        from opentelemetry.sdk.trace.export import SpanExportResult

        self.spans.extend(spans)
        return SpanExportResult.SUCCESS
