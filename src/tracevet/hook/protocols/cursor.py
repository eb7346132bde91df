"""Cursor: one event for each kind of act. https://cursor.com/docs/agent/hooks, `hooks.json` version 1."""

from collections.abc import Callable
from dataclasses import replace

from tracevet.hook.deciding import Level
from tracevet.hook.intent import Intent, Stage
from tracevet.hook.protocols.base import Answer, Event, UnknownEventError, event_name, tool_intent
from tracevet.model import Json
from tracevet.records.values import decode, sequence, text

SILENT = frozenset(
    {
        *("sessionStart", "sessionEnd", "stop", "subagentStart", "subagentStop", "preCompact", "postToolUseFailure"),
        *("afterAgentResponse", "afterAgentThought", "beforeTabFileRead", "workspaceOpen"),
    }
)


def read(event: Event) -> Intent | None:
    """Read an event; None where there is nothing to vet in it.

    Raises:
        UnknownEventError: it is of a kind that nobody here reads.
    """
    name = event_name(event)
    if name in SILENT:
        return None
    if name not in _EVENTS:
        raise UnknownEventError(name)
    stage, fill = _EVENTS[name]
    session = text(event.get("conversation_id"))
    roots = [root for root in sequence(event.get("workspace_roots")) if text(root)]
    facts: dict[str, Json] = {
        "source": "cursor",
        "cursor.workspace_roots": list(roots),
        "cursor.conversation_id": session,
        "cursor.version": event.get("cursor_version"),
        "user_email": event.get("user_email"),
        "model": event.get("model"),
    }
    if not roots:
        facts["cwd"] = event.get("cwd")
    return fill(event, Intent(assistant="cursor", event=name, stage=stage, session=session, facts=facts))


def say(intent: Intent, level: Level, told: str) -> Answer:
    """Spell the answer; what comes after a deed can't be held back, and the agent hears of it where it can."""
    if intent.stage is Stage.PROMPT:
        return {"continue": level is not Level.DENY, **({"user_message": told} if told else {})}
    if intent.stage is Stage.READ:
        denied = level is Level.DENY
        return {"permission": "deny" if denied else "allow", **({"user_message": told} if denied else {})}
    if level is Level.ALLOW:
        return {}
    if intent.stage is Stage.AFTER:
        return {"additional_context": told} if intent.event == "postToolUse" else {}
    return {"permission": level.value, "user_message": told, "agent_message": told}


def _shell(event: Event, intent: Intent) -> Intent:
    given = {"command": event.get("command"), "cwd": event.get("cwd")}
    return replace(intent, tool="Shell", arguments=given, result=event.get("output"), call=_call(event))


def _mcp(event: Event, intent: Intent) -> Intent:
    result = decode(event.get("result_json"))
    arguments = decode(event.get("tool_input"))
    tool = text(event.get("tool_name")) or "mcp"
    return replace(intent, tool=tool, arguments=arguments, result=result, call=_call(event))


def _edit(event: Event, intent: Intent) -> Intent:
    given = {"file_path": event.get("file_path"), "edits": event.get("edits")}
    return replace(intent, tool="MultiEdit", arguments=given, call=_call(event))


def _file(event: Event, intent: Intent) -> Intent:
    given = {"file_path": event.get("file_path")}
    return replace(intent, tool="Read", arguments=given, result=event.get("content"), call=_call(event))


def _prompt(event: Event, intent: Intent) -> Intent:
    return replace(intent, prompt=text(event.get("prompt")) or "")


def _call(event: Event) -> str | None:
    return text(event.get("tool_use_id"))


_EVENTS: dict[str, tuple[Stage, Callable[[Event, Intent], Intent]]] = {
    "preToolUse": (Stage.BEFORE, tool_intent),
    "postToolUse": (Stage.AFTER, tool_intent),
    "beforeShellExecution": (Stage.BEFORE, _shell),
    "afterShellExecution": (Stage.AFTER, _shell),
    "beforeMCPExecution": (Stage.BEFORE, _mcp),
    "afterMCPExecution": (Stage.AFTER, _mcp),
    "afterFileEdit": (Stage.AFTER, _edit),
    "afterTabFileEdit": (Stage.AFTER, _edit),
    "beforeReadFile": (Stage.READ, _file),
    "beforeSubmitPrompt": (Stage.PROMPT, _prompt),
}
