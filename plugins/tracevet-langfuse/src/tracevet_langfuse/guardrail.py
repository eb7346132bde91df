"""Guardrail observations: the verdict in short, in the trace's own tree, below each observation that violates."""

import json
import re
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracevet import Severity, Status, Verdict, Violation
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.rows import OWN, OWN_TYPE, own_id
from tracevet_langfuse.scores import Posted, Seen, Subject, spans_of, standing_in, value_of
from tracevet_langfuse.tagging import tags_of

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue

PATH = "/api/public/otel/v1/traces"
SHOWN = 20  # violations told of in one observation
LINE = 500  # characters of its status
REMEMBERED = 10_000  # observations known to be sent that may not be readable yet
UNFIT = "has ids that are none of OpenTelemetry's, so no guardrail observation can hang there"

_TRACE, _SPAN = re.compile(r"(?!0{32})[0-9a-f]{32}"), re.compile(r"(?!0{16})[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """One observation that tells of the violations in its parent, or that there are none any more."""

    id: str
    trace: str
    parent: str
    seen: Seen  # the parent
    posted: Posted
    output: str


class Guardrails:
    """Appends guardrail observations to traces; each once, and again only when it has something else to say."""

    def __init__(self, connection: Connection) -> None:
        """Send nothing yet."""
        self._connection = connection
        self._sent: OrderedDict[str, Posted] = OrderedDict()

    def add(self, verdict: Verdict, subject: Subject) -> tuple[str, ...]:
        """Append what is missing or out of date; give notes on what can't be done.

        Raises:
            PlatformError: it is not there.
        """
        names = (own_id(verdict.trace.id, span) for span in spans_of(verdict.violations))
        there = {**subject.guardrails, **{name: self._sent[name] for name in names if name in self._sent}}
        every = list(guardrails(verdict, subject, there))
        fitting = [one for one in every if fits(one.trace, one.parent)]
        new = [one for one in fitting if not one.posted.same_as(there.get(one.id))]
        if new:
            self._connection.post("writing guardrail observations", PATH, _request(new, subject))
        self._remember(new)
        return () if len(fitting) == len(every) else (f"trace {verdict.trace.id} {UNFIT}",)

    def _remember(self, sent: Sequence[Guardrail]) -> None:
        for one in sent:
            self._sent[one.id] = one.posted
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)


def fits(trace: str, parent: str) -> bool:
    """Tell whether a span of OpenTelemetry can hang there."""
    return bool(_TRACE.fullmatch(trace) and _SPAN.fullmatch(parent))


def guardrails(verdict: Verdict, subject: Subject, there: Collection[str] = ()) -> Iterator[Guardrail]:
    """Yield one for each observation with open violations, and for each other one that has one `there`. Pure."""
    tags = tuple(sorted({*subject.tags, *tags_of(verdict)}))
    for span in spans_of(verdict.violations):
        found = standing_in(verdict.violations, span)
        name = own_id(verdict.trace.id, span)
        open_ = [one for one in found if one.status is Status.OPEN]
        if span in subject.observations and (open_ or name in there):
            yield Guardrail(
                id=name,
                trace=verdict.trace.id,
                parent=span,
                seen=subject.observations[span],
                posted=Posted(level=level(open_), message=_line(open_) or value_of(found), tags=tags),
                output=_output(open_, found),
            )


def level(violations: Sequence[Violation]) -> str:
    """Give the level that Langfuse shows: how bad the worst open violation is."""
    if not violations:
        return "DEFAULT"
    severe = any(one.severity.rank >= Severity.HIGH.rank for one in violations)
    return "ERROR" if severe else "WARNING"


def _line(violations: Sequence[Violation]) -> str:
    """Say in a line what stands; the line is by what a change is known."""
    told = [f"{one.policy} ({one.severity}) in line {one.start_line}" for one in violations]
    return "; ".join(told)[:LINE]


def _output(violations: Sequence[Violation], every: Sequence[Violation]) -> str:
    told: list[dict[str, Any]] = [
        {
            "policy": one.policy,
            "title": one.title,
            "severity": str(one.severity),
            "cwe": list(one.cwe),
            "rule": f"{one.detector}:{one.rule}",
            "lines": [one.start_line, one.end_line],
            "fix": one.recommendation,
        }
        for one in violations[:SHOWN]
    ]
    verdict = "violations" if violations else value_of(every)
    return json.dumps({"verdict": verdict, "open": len(violations), "violations": told}, ensure_ascii=False)


def _request(every: Sequence[Guardrail], subject: Subject) -> bytes:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(_pair("service.name", OWN))
    scope = group.scope_spans.add()
    scope.scope.name = OWN
    for one in every:
        moment = _nanoseconds(one.seen.start)
        scope.spans.add(
            trace_id=bytes.fromhex(one.trace),
            span_id=bytes.fromhex(one.id),
            parent_span_id=bytes.fromhex(one.parent),
            name=OWN,
            start_time_unix_nano=moment,
            end_time_unix_nano=moment,
            attributes=_attributes(one, subject),
        )
    return request.SerializeToString()


def _attributes(one: Guardrail, subject: Subject) -> "list[KeyValue]":
    """Give all that a row of the trace carries itself: Langfuse shows the newest row's as the trace's."""
    fields = {
        "langfuse.observation.type": OWN_TYPE.lower(),
        "langfuse.observation.level": one.posted.level,
        "langfuse.observation.status_message": one.posted.message,
        "langfuse.observation.output": one.output,
        "langfuse.trace.name": subject.name,
        "user.id": subject.user,
        "session.id": subject.session,
        "langfuse.environment": one.seen.own_environment,
        "langfuse.release": subject.release,
        "langfuse.version": subject.version,
    }
    return [_pair(key, value) for key, value in fields.items() if value] + [
        _pair("langfuse.trace.tags", list(one.posted.tags or ()))
    ]


def _pair(key: str, value: str | list[str]) -> "KeyValue":
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

    if isinstance(value, str):
        return KeyValue(key=key, value=AnyValue(string_value=value))
    values = [AnyValue(string_value=item) for item in value]
    return KeyValue(key=key, value=AnyValue(array_value=ArrayValue(values=values)))


def _nanoseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
