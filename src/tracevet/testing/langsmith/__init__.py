"""An emulator of LangSmith: stateful, with faults on demand, in each of the versions that matter."""

from tracevet.testing.faults import Fault, cut, fail, html, shorten, slow
from tracevet.testing.langsmith.emulator import LangSmithEmulator
from tracevet.testing.langsmith.options import Delays, Limits, Rules

__all__ = ["Delays", "Fault", "LangSmithEmulator", "Limits", "Rules", "cut", "fail", "html", "shorten", "slow"]
