"""Claude Code: `PreToolUse`, `PostToolUse`, `UserPromptSubmit`. https://code.claude.com/docs/en/hooks."""

from dataclasses import replace

from tracevet.hook.deciding import Level
from tracevet.hook.intent import Intent, Stage
from tracevet.hook.protocols.base import Answer, Event, UnknownEventError, event_name, tool_intent
from tracevet.records.values import text

STAGES = {"PreToolUse": Stage.BEFORE, "PostToolUse": Stage.AFTER, "UserPromptSubmit": Stage.PROMPT}
SILENT = frozenset(
    {
        *("SessionStart", "SessionEnd", "Stop", "SubagentStart", "SubagentStop", "PreCompact", "PostCompact"),
        *("Notification", "PermissionRequest", "PermissionDenied", "PostToolUseFailure", "Setup"),
    }
)


def read(event: Event) -> Intent | None:
    """Read an event; None where there is nothing to vet in it.

    Raises:
        UnknownEventError: it is of a kind that nobody here reads.
    """
    intent = begin(event, "claude-code")
    if intent is None or intent.stage is Stage.PROMPT:
        return intent
    return tool_intent(event, intent)


def begin(event: Event, assistant: str) -> Intent | None:
    """Read what all events of this protocol have; raises as `read` does."""
    name = event_name(event)
    if name in SILENT:
        return None
    if name not in STAGES:
        raise UnknownEventError(name)
    session = text(event.get("session_id"))
    intent = Intent(
        assistant=assistant,
        event=name,
        stage=STAGES[name],
        session=session,
        facts={
            "source": assistant,
            "cwd": event.get("cwd"),
            "sessionId": session,
            "permissionMode": event.get("permission_mode"),
        },
    )
    return replace(intent, prompt=text(event.get("prompt")) or "") if intent.stage is Stage.PROMPT else intent


def say(intent: Intent, level: Level, told: str) -> Answer:
    """Spell the answer. Nothing is said to let a tool run: "allow" would pass over the user's own permissions."""
    if level is Level.ALLOW:
        return {}
    if intent.stage is Stage.BEFORE:
        return specific(intent, permissionDecision=level.value, permissionDecisionReason=told)
    if level is Level.DENY:
        return {"decision": "block", "reason": told}
    return {"systemMessage": told} if intent.stage is Stage.PROMPT else specific(intent, additionalContext=told)


def specific(intent: Intent, **said: str) -> Answer:
    """Spell what is particular to an event."""
    return {"hookSpecificOutput": {"hookEventName": intent.event, **said}}
