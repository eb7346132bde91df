"""Rows of the SDK's models as the host reads them, and which metadata is fetched whole."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tracevet import Json

FIELDS = "core,basic,time,io,metadata,model,usage,trace_context"
# Langfuse cuts metadata values to 200 characters unless their keys are named: those in which assistants keep content,
# and those in which long paths and addresses stand.
WHOLE = ",".join(
    (
        *("cwd", "claude.cwd", "codex.cwd", "cursor.cwd", "cursor.workspace_roots", "workspace_roots"),
        *("workspace.host_paths", "repository_url", "git.repository_url", "repository", "requester_metadata"),
        *("user_agent", "user_prompt", "attributes.user_prompt", "copilot_chat.user_request"),
        *("attributes.copilot_chat.user_request", "attributes.prompt", "attributes.response", "ai.response.text"),
        *("attributes.ai.response.text", "thinking", "full_command", "attributes.full_command", "cursor.edits"),
        *("gen_ai.tool.call.arguments", "attributes.gen_ai.tool.call.arguments", "ai.toolCall.args"),
        *("attributes.ai.toolCall.args", "tool_input", "attributes.tool_input", "tool_parameters"),
        *("attributes.tool_parameters", "attributes.arguments", "gen_ai.tool.call.result"),
        *("attributes.gen_ai.tool.call.result", "ai.toolCall.result", "attributes.ai.toolCall.result"),
        *("attributes.output", "gen_ai.input.messages", "attributes.gen_ai.input.messages", "input.value"),
        *("attributes.input.value", "ai.prompt.messages", "attributes.ai.prompt.messages"),
        *("traceloop.entity.input", "attributes.traceloop.entity.input", "gen_ai.output.messages"),
        *("attributes.gen_ai.output.messages", "output.value", "attributes.output.value"),
        *("ai.response.toolCalls", "attributes.ai.response.toolCalls", "traceloop.entity.output"),
        *("attributes.traceloop.entity.output", "gen_ai.system_instructions"),
        *("attributes.gen_ai.system_instructions", "user_instructions", "developer_instructions"),
        *("attributes.cwd", "attributes.file_path", "attributes.command", "attributes.old_string"),
        *("attributes.new_string", "attributes.content"),
    )
)
OWN = "tracevet"  # beginning of the names of our own observations
INTERNAL = "langfuse-"  # beginning of the environments of Langfuse's own evaluators


def plain(model: Any) -> dict[str, Json]:
    """Give a model of the SDK as JSON with its Python names, times as ISO 8601; nested models likewise."""
    return {key: _plain(value) for key, value in model}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(type(value), "model_fields"):
        return plain(value)
    if isinstance(value, list) and value and hasattr(type(value[0]), "model_fields"):
        return [plain(item) for item in value]
    return value


def ours(rows: Iterable[dict[str, Json]]) -> list[dict[str, Json]]:
    """Leave out what Langfuse's evaluators and we ourselves wrote."""
    return [row for row in rows if not (_starts(row, "environment", INTERNAL) or _is_own(row))]


def _is_own(row: dict[str, Json]) -> bool:
    return row.get("type") == "GUARDRAIL" and _starts(row, "name", OWN)


def _starts(row: dict[str, Json], key: str, prefix: str) -> bool:
    value = row.get(key)
    return isinstance(value, str) and value.startswith(prefix)
