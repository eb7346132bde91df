"""Rows of the SDK's models as the host reads them, and which metadata is fetched whole."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from tracevet import Json

FIELDS = "core,basic,time,io,metadata,model,trace_context"
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
OWN = "tracevet"  # name of our own observations
OWN_TYPE = "GUARDRAIL"
OWN_TAG = "policy:"  # beginning of the tags that we put on traces
INTERNAL = "langfuse-"  # beginning of the environments of Langfuse's own evaluators


def listed(answer: Any) -> tuple[list[dict[str, Json]], str | None]:
    """Give the rows of a page of observations with their Python names, and the cursor of the next page.

    Raises:
        ValueError: it is no such page.
    """
    data, meta = (answer.get(key) for key in ("data", "meta")) if isinstance(answer, dict) else (None, None)
    if not isinstance(data, list) or not isinstance(meta, dict) or not all(isinstance(row, dict) for row in data):
        raise ValueError("no page of observations")
    cursor = meta.get("cursor")
    return [{_snake(key): value for key, value in row.items()} for row in data], cursor if cursor else None


@lru_cache(maxsize=1000)
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)


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
    return [row for row in rows if not (_starts(row, "environment", INTERNAL) or is_own(row))]


def own_id(trace: str, parent: str) -> str:
    """Give the id of our observation below another one: the same for the same two."""
    return hashlib.sha256(f"{OWN}\x00{trace}\x00{parent}".encode()).hexdigest()[:16]


def is_own(row: dict[str, Json]) -> bool:
    """Tell whether we wrote the observation: its id follows from its place, which a name alone would not prove."""
    id_ = own_id(str(row.get("trace_id")), str(row.get("parent_observation_id")))
    return row.get("type") == OWN_TYPE and row.get("name") == OWN and row.get("id") == id_


def _starts(row: dict[str, Json], key: str, prefix: str) -> bool:
    value = row.get(key)
    return isinstance(value, str) and value.startswith(prefix)
