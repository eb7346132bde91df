"""Payment code must not log card numbers: a detector and the policy that its findings breach."""

from acme_card_logging.detector import CardLoggingDetector
from tracevet import Detector, PolicyPack, hookimpl

__all__ = ["CardLoggingDetector", "register_detectors", "register_policies"]


@hookimpl
def register_detectors() -> list[type[Detector]]:
    """Bring the detector `card-logging`."""
    return [CardLoggingDetector]


@hookimpl
def register_policies() -> list[PolicyPack]:
    """Bring the policy `card-logging`."""
    from acme_card_logging.policy import POLICY

    return [PolicyPack(name="acme-payment", policies=(POLICY,))]
