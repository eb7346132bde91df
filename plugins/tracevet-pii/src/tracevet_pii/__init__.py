"""Personal data in any text: addresses, numbers and identifiers of people, judged by form, checksum and context."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_pii.detector import PiiDetector

__all__ = ["PiiDetector", "register_detectors"]


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the detector `pii`."""
    return (PiiDetector,)
