"""What tracevet tells of itself while it works: counts and times, never anything of a trace."""

from tracevet.metrics.meters import Meters
from tracevet.metrics.serving import serving

__all__ = ["Meters", "serving"]
