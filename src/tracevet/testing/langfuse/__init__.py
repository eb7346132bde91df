"""An emulator of Langfuse: stateful, with faults on demand, in each of the versions that matter."""

from tracevet.testing.faults import Fault, cut, fail, html, reject, shorten, slow
from tracevet.testing.langfuse.arrivals import Delays
from tracevet.testing.langfuse.emulator import LangfuseEmulator

__all__ = ["Delays", "Fault", "LangfuseEmulator", "cut", "fail", "html", "reject", "shorten", "slow"]
