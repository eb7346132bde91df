"""Python detectors: bandit's checks, on our own walk over a parsed snippet."""

from tracevet_python.bandit import BanditDetector
from tracevet_python.hooks import register_detectors

__all__ = ["BanditDetector", "register_detectors"]
