"""Teach an assistant the policies that it breaches most: rules for its instructions, and whether they helped."""

from tracevet.coaching.effect import Effect, effects
from tracevet.coaching.files import FILES, assistants, put
from tracevet.coaching.rules import Rule, block, top_rules

__all__ = ["FILES", "Effect", "Rule", "assistants", "block", "effects", "put", "top_rules"]
