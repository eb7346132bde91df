"""Patterns of policies: the names of their findings, and which detector runs them."""

from collections.abc import Collection, Iterable, Mapping

from tracevet.errors import ConfigError
from tracevet.model import Pattern, Policy


def rule_of(policy: Policy, pattern: Pattern) -> str:
    """Name the rule under which a detector says that a policy's pattern was met; no other check has such a name."""
    return f"{policy.id}.{pattern.id}"


def patterns_of(policies: Iterable[Policy]) -> dict[str, Pattern]:
    """Give the policies' patterns by the name of their rule, with what their policy says where they say nothing."""
    return {
        rule_of(policy, pattern): pattern.model_copy(
            update={
                "severity": pattern.severity or policy.severity,
                "languages": pattern.languages or policy.languages,
            }
        )
        for policy in policies
        for pattern in policy.patterns
    }


def share(patterns: Mapping[str, Pattern], runners: Mapping[str, Collection[str]]) -> dict[str, dict[str, Pattern]]:
    """Hand each pattern to the first detector, by name, that runs its kind; `runners` are their kinds by name.

    Raises:
        ConfigError: nobody runs a kind; the text says what to install.
    """
    shares: dict[str, dict[str, Pattern]] = {}
    for rule, pattern in patterns.items():
        runner = next((name for name in sorted(runners) if pattern.kind in runners[name]), None)
        if runner is None:
            raise ConfigError(
                f"{described(rule, pattern)}: no detector that is installed and enabled runs patterns of the kind "
                f"{pattern.kind.value!r}; pip install tracevet-astgrep"
            )
        shares.setdefault(runner, {})[rule] = pattern
    return shares


def described(rule: str, pattern: Pattern) -> str:
    """Name a pattern for messages: its place where it has one, its policy and its id."""
    policy, _, id_ = rule.rpartition(".")
    about = f"policy {policy!r}, pattern {id_!r}"
    return f"{pattern.place}: {about}" if pattern.place else about
