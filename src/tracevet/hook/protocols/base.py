"""What the protocols share."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from tracevet.hook.deciding import Level
from tracevet.hook.intent import Intent
from tracevet.model import Json
from tracevet.records.values import mapping, text

Event: TypeAlias = Mapping[str, Json]
Answer: TypeAlias = dict[str, Json]  # {} says nothing

_NAME = re.compile(r"[\w.:-]{1,60}")


class UnknownEventError(Exception):
    """An event of a kind that nobody here reads; the text is its name, as far as that is fit to be stored."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """One assistant's way to ask and to be answered."""

    read: Callable[[Event], Intent | None]  # None: known, and nothing to vet; raises UnknownEventError
    say: Callable[[Intent, Level, str], Answer]  # what is decided, and the text for the one who can mend it


def event_name(event: Event) -> str:
    """Give the event's name, or "unnamed" for what is none."""
    name = event.get("hook_event_name")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "unnamed"


def tool_intent(event: Event, intent: Intent) -> Intent:
    """Fill in the tool's call as Claude Code and those that follow it spell it.

    Raises:
        UnknownEventError: there is no tool in it.
    """
    tool = text(event.get("tool_name"))
    if tool is None:
        raise UnknownEventError(f"{intent.event} without a tool")
    result = event.get("tool_response", event.get("tool_output"))
    return replace(
        intent, tool=tool, arguments=event.get("tool_input"), result=result, call=text(event.get("tool_use_id"))
    )


def fields(event: Event, key: str) -> dict[str, Json]:
    """Give an object of the event, or an empty one."""
    return mapping(event.get(key))
