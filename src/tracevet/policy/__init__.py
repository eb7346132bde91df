"""Policies: loading them, masking what leaves, and deciding which of them a trace breaches."""

from tracevet.policy.breach import storable
from tracevet.policy.decide import decide
from tracevet.policy.effective import effective_policies
from tracevet.policy.fingerprint import fingerprint, setup_digest
from tracevet.policy.load import PolicyFile, builtin_packs, join_packs, load_pack, policy_schema, read_pack
from tracevet.policy.masking import mask, scrub, visible
from tracevet.policy.match import Scanned, breaches
from tracevet.policy.patterns import described, patterns_of, rule_of, share
from tracevet.policy.standing import concerns, concluded, retract, standing
from tracevet.policy.suppress import Suppression, Suppressor, too_late
from tracevet.policy.suppress_file import SuppressionFile, read_suppressions
from tracevet.policy.violation import aware

__all__ = [
    "PolicyFile",
    "Scanned",
    "Suppression",
    "SuppressionFile",
    "Suppressor",
    "aware",
    "breaches",
    "builtin_packs",
    "concerns",
    "concluded",
    "decide",
    "described",
    "effective_policies",
    "fingerprint",
    "join_packs",
    "load_pack",
    "mask",
    "patterns_of",
    "policy_schema",
    "read_pack",
    "read_suppressions",
    "retract",
    "rule_of",
    "scrub",
    "setup_digest",
    "share",
    "standing",
    "storable",
    "too_late",
    "visible",
]
