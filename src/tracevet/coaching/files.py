"""Where each assistant reads its instructions, and a block of ours in them that can be replaced."""

import re

from tracevet.errors import UsageError

BEGIN = "<!-- tracevet:rules -->"
END = "<!-- /tracevet:rules -->"
# Claude Code: memory; Codex: AGENTS.md; Copilot: repository custom instructions; Cursor: project rules.
FILES = {
    "claude-code": "CLAUDE.md",
    "codex": "AGENTS.md",
    "copilot": ".github/copilot-instructions.md",
    "cursor": ".cursor/rules/tracevet.mdc",
}
HEADS = {"cursor": "---\ndescription: Secure coding rules of this project\nalwaysApply: true\n---\n"}
_BLOCK = re.compile(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def assistants() -> str:
    """List the assistants that there are files for."""
    return ", ".join(FILES)


def put(old: str, block: str, assistant: str) -> str:
    """Put the block into an instructions file, in place of the last one; all else stays as it is.

    Raises:
        UsageError: the marks of a block stand there without their other end.
    """
    ours = f"{BEGIN}\n{block}\n{END}"
    found = _BLOCK.findall(old)
    if len(found) != old.count(BEGIN) or len(found) != old.count(END) or len(found) > 1:
        raise UsageError(f"{FILES[assistant]} holds {BEGIN} or {END} without the other, or twice; remove them first")
    if found:
        return _BLOCK.sub(lambda _: ours, old)
    if not old.strip():
        return f"{HEADS.get(assistant, '')}{ours}\n"
    return f"{old.rstrip()}\n\n{ours}\n"
