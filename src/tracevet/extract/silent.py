"""Integrations that record no content, and the setting that turns it on: one table."""

from dataclasses import dataclass

from tracevet.extract.metadata import TOOL_NAMES, find, word
from tracevet.extract.tools import tool
from tracevet.model import Json, Span, SpanKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """How to recognise an integration, and what to set so that it records content."""

    services: tuple[str, ...]  # beginnings of the service's or the scope's name
    names: tuple[str, ...] = ()  # beginnings of the span's name
    setting: str


INTEGRATIONS: tuple[Integration, ...] = (
    Integration(
        services=("com.anthropic.claude_code", "claude-code"),
        names=("claude_code.",),
        setting="Claude Code's own OpenTelemetry sends prompts with OTEL_LOG_USER_PROMPTS=1 and commands with "
        "OTEL_LOG_TOOL_DETAILS=1, but never answers and file contents in spans: use its Langfuse or LangSmith plugin",
    ),
    Integration(
        services=("copilot-chat", "github.copilot", "github-copilot"),
        setting="set github.copilot.chat.otel.captureContent to true, in the Copilot CLI "
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true",
    ),
    Integration(
        services=("gemini-cli",),
        setting="set telemetry.traces and telemetry.logPrompts to true in Gemini CLI's settings",
    ),
    Integration(
        services=("codex",),
        names=("codex.",),
        setting="Codex's own OpenTelemetry sends lengths only in spans: use its Langfuse or LangSmith plugin",
    ),
)
_UNKNOWN = "turn on the recording of content in the integration that sends these traces"
_SERVICES = ("resourceAttributes.service.name", "service.name", "scope.name")


def setting(span: Span) -> str:
    """Say what turns the recording of content on for the integration that sent the span."""
    services = [str(found[1]).lower() for key in _SERVICES if (found := find(span.metadata, key))]
    for integration in INTEGRATIONS:
        if span.name.startswith(integration.names or ("\x00",)) or any(
            service.startswith(integration.services) for service in services
        ):
            return integration.setting
    return _UNKNOWN


def missing(span: Span, *, attributes: bool) -> str | None:
    """Name the field in which a span should hold content and does not; None where nothing is missing.

    `attributes` tells whether its metadata gave what the field should hold.
    """
    if attributes:
        return None
    if span.kind is SpanKind.GENERATION:
        return "/output" if _is_empty(span.output) else None
    if span.kind is SpanKind.TOOL:
        return "/input" if _is_empty(span.input) and _needs_arguments(span) else None
    return "/input" if span.name == "claude_code.interaction" and _is_empty(span.input) else None


def _needs_arguments(span: Span) -> bool:
    known = tool(word(span.metadata, *TOOL_NAMES) or span.name)
    return known.writes or (span.input is None and not known.reads)


def _is_empty(value: Json) -> bool:
    return value in (None, "", {}, [], "{}", "[]", "null", '""')
