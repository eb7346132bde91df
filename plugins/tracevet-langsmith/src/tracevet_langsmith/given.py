"""What was handed over already, so that a look at the same time again gives only what is new there."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KEPT = 50_000  # traces that are known to be handed over


@dataclass(slots=True)
class News:
    """What a listing says of one trace."""

    project: str
    start: str
    rows: set[int] = field(default_factory=set)  # one number for each run, as it is now


class Given:
    """Which runs were handed over; of the traces that were listed last."""

    def __init__(self) -> None:
        """Start with none."""
        self._rows: OrderedDict[str, array[int]] = OrderedDict()

    def without(self, news: Mapping[str, News]) -> dict[str, News]:
        """Leave what is new."""
        return {trace: one for trace, one in news.items() if not one.rows <= set(self._rows.get(trace, ()))}

    def add(self, traces: Iterable[str], news: Mapping[str, News]) -> None:
        """Note that these were handed over."""
        for trace in traces:
            self._rows[trace] = array("q", news[trace].rows.union(self._rows.pop(trace, ())))
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)
