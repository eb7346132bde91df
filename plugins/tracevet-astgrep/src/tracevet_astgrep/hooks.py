"""What this distribution brings to tracevet."""

from collections.abc import Iterable

from tracevet import Detector, hookimpl
from tracevet_astgrep.detector import AstGrepDetector
from tracevet_astgrep.packages import PackagesDetector
from tracevet_astgrep.patterns import PatternsDetector


@hookimpl
def register_detectors() -> Iterable[type[Detector]]:
    """Bring the detectors `astgrep`, `packages` and `patterns`."""
    return (AstGrepDetector, PackagesDetector, PatternsDetector)
