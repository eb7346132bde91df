"""Which policies hold: ours, the plugins' and the user's, as the configuration leaves them."""

from collections.abc import Iterator, Sequence

from tracevet.config import Config
from tracevet.model import Mode, Policy, PolicyPack
from tracevet.policy.load import builtin_packs, join_packs, read_pack
from tracevet.problems import Problem, choices, complaint


def effective_policies(config: Config, packs: Sequence[PolicyPack] = ()) -> tuple[Policy, ...]:
    """Give the policies that are on: the built-in packs, then `packs`, then the configured files, each in order.

    The built-in packs come in whether or not they are among `packs`.

    Raises:
        ConfigError: a file can't be read, two packs define one id, or the configuration names an unknown id.
    """
    ours = [pack for pack in builtin_packs() if pack not in packs]
    files = [read_pack(path) for path in config.policies.files]
    policies = join_packs([*ours, *packs, *files])
    if problems := list(_unknown(config, policies)):
        raise complaint(config.source, problems)
    changed = (_override(config, policy) for policy in policies)
    return tuple(policy for policy in changed if policy.mode is not Mode.OFF)


def _override(config: Config, policy: Policy) -> Policy:
    override = config.policies.overrides.get(policy.id)
    return policy.model_copy(update=override.model_dump(exclude_none=True)) if override else policy


def _unknown(config: Config, policies: Sequence[Policy]) -> Iterator[Problem]:
    known = [policy.id for policy in policies]
    for name in config.policies.overrides:
        if name not in known:
            line = config.line("policies", name)
            yield Problem(line, f"no policy has the id {name[:60]!r}; {choices(name, known, 'known ids')}")
