"""Packages that are installed or required, against a list of known ones: the detector `packages`."""

from tracevet_astgrep.packages.detector import PackagesDetector

__all__ = ["PackagesDetector"]
