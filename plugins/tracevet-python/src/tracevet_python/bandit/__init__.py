"""The detector `bandit`: all of bandit's checks, in process, on our own walk over a parsed snippet."""

from tracevet_python.bandit.detector import BanditDetector

__all__ = ["BanditDetector"]
