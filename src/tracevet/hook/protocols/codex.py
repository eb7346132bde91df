"""Codex: the events of Claude Code, with patches as commands and nobody to ask. https://developers.openai.com/codex/hooks."""

from dataclasses import replace

from tracevet.extract.patches import is_patch
from tracevet.extract.tools import tool
from tracevet.hook.deciding import Level
from tracevet.hook.intent import Intent, Stage
from tracevet.hook.protocols import claude_code
from tracevet.hook.protocols.base import Answer, Event, fields, tool_intent
from tracevet.records.values import text


def read(event: Event) -> Intent | None:
    """Read an event; None where there is nothing to vet in it.

    Raises:
        UnknownEventError: it is of a kind that nobody here reads.
    """
    intent = claude_code.begin(event, "codex")
    if intent is None:
        return None
    model, mode = event.get("model"), event.get("permission_mode")
    intent = replace(intent, facts={**intent.facts, "model": model, "approval_policy": mode})
    if intent.stage is Stage.PROMPT:
        return intent
    intent = tool_intent(event, intent)
    patch = text(fields(event, "tool_input").get("command"))
    # `apply_patch` comes with its patch as `command`, which is a shell's everywhere else
    if patch and is_patch(patch) and tool(intent.tool) is tool("apply_patch"):
        return replace(intent, arguments={"input": patch})
    return intent


def say(intent: Intent, level: Level, told: str) -> Answer:
    """Spell the answer; Codex takes no "ask" before a tool, so that the developer is told instead."""
    if level is Level.ASK and intent.stage is Stage.BEFORE:
        return {"systemMessage": told}
    return claude_code.say(intent, level, told)
