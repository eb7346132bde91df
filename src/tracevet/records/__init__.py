"""Rows as platforms and assistants store them, made into traces. Pure: no clock, no disk, no network."""

from tracevet.records import claude_code, codex, langfuse, langsmith
from tracevet.records.langfuse import trace as langfuse_trace
from tracevet.records.langsmith import trace as langsmith_trace

__all__ = ["claude_code", "codex", "langfuse", "langfuse_trace", "langsmith", "langsmith_trace"]
