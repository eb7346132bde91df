"""What this distribution brings to tracevet."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_astgrep.detector import AstGrepDetector


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the detector `astgrep`."""
    return (AstGrepDetector,)
