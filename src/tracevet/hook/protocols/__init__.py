"""What each assistant says of an event, and how it wants to be answered. One module each."""

from collections.abc import Mapping

from tracevet.hook.protocols import claude_code, codex, cursor
from tracevet.hook.protocols.base import Protocol, UnknownEventError

PROTOCOLS: Mapping[str, Protocol] = {
    "claude-code": Protocol(read=claude_code.read, say=claude_code.say),
    "cursor": Protocol(read=cursor.read, say=cursor.say),
    "codex": Protocol(read=codex.read, say=codex.say),
}

__all__ = ["PROTOCOLS", "Protocol", "UnknownEventError"]
