"""The rule table: every format that is looked for, and where it is documented."""

from tracevet_secrets.rule import Rule
from tracevet_secrets.rules import (
    calls,
    cloud,
    commands,
    commerce,
    forges,
    generic,
    keys,
    logins,
    messages,
    models,
    operations,
)

RULES: tuple[Rule, ...] = (
    *forges.RULES,
    *cloud.RULES,
    *models.RULES,
    *messages.RULES,
    *commerce.RULES,
    *operations.RULES,
    *keys.RULES,
    *logins.RULES,
    *calls.RULES,
    *commands.RULES,
    *generic.RULES,
)

__all__ = ["RULES"]
