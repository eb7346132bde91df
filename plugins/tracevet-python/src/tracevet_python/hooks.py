"""What this distribution brings to tracevet."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_python.bandit import BanditDetector


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the detector `bandit`."""
    return (BanditDetector,)
