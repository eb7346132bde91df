"""Names that stay the same: of a violation across runs and platforms, of a verdict, of a set of policies."""

import hashlib
import json
import re
from collections.abc import Iterable
from uuid import UUID, uuid5

from tracevet.model import Policy
from tracevet.policy.masking import without_hmacs

_VERDICTS = UUID("6f1c1d2e-8f0b-5c55-9a53-0f3c1d9f7a01")


def fingerprint(policy: str, project: str | None, evidence: str) -> str:
    """Name a violation by its policy, project and code: 32 hexadecimal digits.

    The same for the same code however it is indented or wrapped, and wherever it stands. It depends on no key:
    a masked value counts with its length and the ends that are shown.
    """
    code = " ".join(without_hmacs(evidence).split())
    return _digest((policy, project_name(project), code))


def project_name(project: str | None) -> str:
    """Give the last component of a project's name, path or URL, lower-case."""
    last = re.split(r"[/\\:]", (project or "").strip().rstrip("/\\"))[-1]
    return last.lower().removesuffix(".git")


def verdict_id(platform: str, trace: str) -> str:
    """Name the verdict of a trace, as a UUID."""
    return str(uuid5(_VERDICTS, f"{platform}\x00{trace}"))


def setup_digest(policies: Iterable[Policy], *parts: str) -> str:
    """Name what verdicts are decided by, so that a change is noticed: policies in any order, and other parts."""
    rows = sorted(policy.model_dump_json() for policy in policies)
    return _digest((*rows, "", *parts))


def _digest(parts: tuple[str, ...]) -> str:
    data = json.dumps(parts).encode()  # ASCII, and no two tuples look alike
    return hashlib.sha256(data).hexdigest()[:32]
