"""Policies: loading them, masking what leaves, and deciding which of them a trace breaches."""

from tracevet.policy.breach import storable
from tracevet.policy.decide import decide
from tracevet.policy.effective import effective_policies
from tracevet.policy.fingerprint import fingerprint, setup_digest
from tracevet.policy.load import PolicyFile, builtin_packs, join_packs, load_pack, policy_schema, read_pack
from tracevet.policy.masking import mask, scrub, visible
from tracevet.policy.match import Scanned, breaches
from tracevet.policy.standing import concerns, concluded, retract, standing
from tracevet.policy.violation import aware

__all__ = [
    "PolicyFile",
    "Scanned",
    "aware",
    "breaches",
    "builtin_packs",
    "concerns",
    "concluded",
    "decide",
    "effective_policies",
    "fingerprint",
    "join_packs",
    "load_pack",
    "mask",
    "policy_schema",
    "read_pack",
    "retract",
    "scrub",
    "setup_digest",
    "standing",
    "storable",
    "visible",
]
