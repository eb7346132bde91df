"""Secrets in any text: provider tokens, private keys, logins in URLs and headers, passwords in assignments."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_secrets.detector import SecretsDetector

__all__ = ["SecretsDetector", "register_detectors"]


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the secrets detector."""
    return (SecretsDetector,)
