"""What a message is made of, whoever recorded it: a role, texts, tool calls and their results."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from tracevet.extract.past import Past
from tracevet.extract.walk import Node


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "systemmessage": Role.SYSTEM,
    "user": Role.USER,
    "human": Role.USER,
    "humanmessage": Role.USER,
    "humanmessagechunk": Role.USER,
    "assistant": Role.ASSISTANT,
    "ai": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "agent": Role.ASSISTANT,
    "aimessage": Role.ASSISTANT,
    "aimessagechunk": Role.ASSISTANT,
    "tool": Role.TOOL,
    "function": Role.TOOL,
    "toolmessage": Role.TOOL,
    "functionmessage": Role.TOOL,
}


@dataclass(frozen=True, slots=True)
class Text:
    """Something said."""

    node: Node


@dataclass(frozen=True, slots=True)
class Thought:
    """Something the assistant thought and did not say."""

    node: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` is an object, a string (JSON or not), or None where they were not recorded."""

    name: str
    id: str | None
    arguments: Node | None
    node: Node


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back."""

    name: str
    id: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Media:
    """An image, a sound or a file: nothing that can be read as text."""

    node: Node


@dataclass(frozen=True, slots=True)
class Unread:
    """A value in no known format, or too deep to enter."""

    node: Node


@dataclass(frozen=True, slots=True)
class Cut:
    """A string of JSON of which only a part was recorded."""

    node: Node


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages of a list, from `first` to before `stop`, of which all is known; none is the last answer or prompt."""

    past: Past
    first: int
    stop: int


Part: TypeAlias = Text | Thought | Call | Result | Media | Unread | Cut | Stretch


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its parts in their order."""

    role: Role
    parts: tuple[Part, ...]


D = TypeVar("D", Role, None)


def role_of(word: object, default: D) -> Role | D:
    """Give the role that a word stands for; an unknown word is the default."""
    return ROLES.get(word.lower(), default) if isinstance(word, str) else default
