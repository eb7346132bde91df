"""What counts as a fact: each function gives a value in its one spelling, or None for what is none."""

import re
from collections.abc import Callable
from typing import TypeAlias

from tracevet.model import Json

Keep: TypeAlias = Callable[[Json, tuple[str, ...]], str | None]  # value, the trace's tags -> what is kept of it

MAX_FACT = 300  # characters; longer values are no names
_NOTHING = frozenset(
    {
        "",
        "unknown",
        "none",
        "null",
        "undefined",
        "n/a",
        "-",
        "redacted",
        "<redacted>",
        "[redacted]",
        "[secret_detected]",
    }
    | {"<synthetic>", "default_user_id", "redacted-by-litellm", "anonymous"}
)
_EMAIL = re.compile(r"[^@\s<>\"',;:()]{1,64}@[^@\s<>\"',;:()]{1,190}\.[A-Za-z]{2,24}")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_HOME = re.compile(
    r"(?:/|~|/root|(?:/mnt/[a-z]|/?[A-Za-z]:)?[\\/](?:home|Users)(?:[\\/][^\\/]*)?|[A-Za-z]:)[\\/]?", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
_AGENT = re.compile(r"\s*([\w.-]{1,60})/v?(\d[\w.+-]{0,40})")

# how integrations, services, user agents and trace names spell an assistant -> its one name
ASSISTANTS = {
    **dict.fromkeys(("claude-code", "claude-cli", "com.anthropic.claude_code.tracing", "claude code"), "claude-code"),
    **dict.fromkeys(("claude-agent-sdk", "claude_agent_sdk"), "claude-agent-sdk"),
    **dict.fromkeys(("codex", "openai-codex", "codex-cli", "codex_cli_rs", "codex_exec", "codex turn"), "codex"),
    **dict.fromkeys(("cursor", "cursor-agent"), "cursor"),
    **dict.fromkeys(
        ("copilot", "copilot-chat", "github copilot chat", "github-copilot", "githubcopilotchat"), "copilot"
    ),
    **dict.fromkeys(("gemini-cli", "geminicli"), "gemini-cli"),
    **dict.fromkeys(("opencode", "langfuse.opencode"), "opencode"),
    **dict.fromkeys(("cline", "cline-sdk"), "cline"),
    **dict.fromkeys(("roo", "roo-code", "roocode"), "roo"),
    **dict.fromkeys(("kilo", "kilo-code"), "kilo"),
    **{name: name for name in ("aider", "continue", "windsurf", "deepagents-code", "pi", "qwen-code", "goose", "zed")},
}
_NAMES = ("claude code", "codex", "cursor", "opencode", "github copilot chat", "cline")  # beginnings of trace names
_SHORT = frozenset({"pi", "roo", "zed", "continue", "goose"})  # too common as words to be taken from a tag


def word(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep a short, printable text that says something."""
    if not isinstance(value, str) or len(value) > MAX_FACT:
        return None
    value = value.strip()
    return value if value.lower() not in _NOTHING and value.isprintable() else None


def email(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep an e-mail address, in lower case."""
    found = word(value)
    return found.lower() if found and _EMAIL.fullmatch(found) else None


def user_of_project(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep the user of `<user>-<project>`; the trace's tag for the project tells where the one ends."""
    found = word(value)
    projects = (tag.removeprefix("project:") for tag in tags if tag.startswith("project:"))
    for project in projects:
        if found and project and found.endswith(f"-{project}"):
            return word(found.removesuffix(f"-{project}"))
    return word(found.partition("-")[0]) if found else None


def repository(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep a repository's name or URL, without credentials and `.git`."""
    found = word(value)
    if found is None:
        return None
    return word(_CREDENTIALS.sub("", found).rstrip("/").removesuffix(".git"))


def branch(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep a branch's name, without `refs/heads/`."""
    found = word(value)
    return found.removeprefix("refs/heads/") if found and found != "HEAD" else None


def commit(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep a commit's hash, in lower case."""
    found = word(value)
    return found.lower() if found and _COMMIT.fullmatch(found) else None


def directory(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep a path, or the first of a list of paths."""
    if isinstance(value, list):
        value = next((item for item in value if word(item)), None)
    found = word(value)
    if found is None or not re.match(r"[/~\\]|[A-Za-z]:[\\/]|\.{0,2}/?\w", found):
        return None
    return found if len(found) == 1 else found.rstrip("/\\") or found


def assistant(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep the name of an assistant, in its one spelling; libraries and services are none."""
    found = word(value)
    if found is None:
        return None
    agent = _AGENT.match(found)
    name = (agent[1] if agent else found).lower()
    return ASSISTANTS.get(name)


def assistant_by_name(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep the assistant that a trace is named after: `Claude Code - Turn 3`."""
    found = (word(value) or "").lower().removeprefix("invoke_agent ")
    return next((ASSISTANTS.get(name) for name in _NAMES if re.match(rf"{name}(?![\w-])", found)), None)


def version_of_agent(value: Json, tags: tuple[str, ...] = ()) -> str | None:
    """Keep the version in a user agent: `claude-cli/2.0.14`."""
    agent = _AGENT.match(word(value) or "")
    return agent[2] if agent and agent[1].lower() in ASSISTANTS else None


def last(path: str) -> str:
    """Give the last part of a path, a repository's name or a URL."""
    return re.split(r"[\\/:]", path.rstrip("/\\"))[-1]


def is_home(path: str) -> bool:
    """Tell whether a path is a home directory, or one above: its name is a person's, not a project's."""
    return _HOME.fullmatch(path) is not None
