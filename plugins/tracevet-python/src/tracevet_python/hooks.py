"""What this distribution brings to tracevet."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_python.bandit import BanditDetector
from tracevet_python.flow import FlowDetector


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the detectors `bandit` and `flow`."""
    return (BanditDetector, FlowDetector)
