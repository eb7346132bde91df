"""Charts as pictures: SVG from matplotlib, one for light and one for dark, as data URIs that load nothing."""

import base64
import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracevet.errors import UsageError
from tracevet.policy import visible
from tracevet.reporting import Day, Digest, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 6.4, 3.2  # inches
INCH = 72  # points of an SVG
SHOWN = 8  # bars
TICKS = 8  # days that are named
LABEL = 28  # characters


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one look."""

    text: str
    bars: str
    line: str
    grid: str


LIGHT = Colors(text="#1b1d20", bars="#3b6fb6", line="#b3261e", grid="#c9ced6")
DARK = Colors(text="#e8eaed", bars="#7fa8e6", line="#ff9d8f", grid="#454b53")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture in both looks, and the same in words."""

    light: str
    dark: str
    alt: str
    caption: str
    width: int = int(WIDTH * INCH)
    height: int = int(HEIGHT * INCH)


def require() -> None:
    """See that what draws is there.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import jinja2  # noqa: F401 - only whether it is there
        import matplotlib  # noqa: F401 - likewise
    except ModuleNotFoundError:
        raise UsageError("the format html needs what draws and lays out; install tracevet[report]") from None


def charts(digest: Digest) -> list[Chart]:
    """Draw the figures that a picture tells more of than a table."""
    drawn = []
    if len(digest.days) > 1:
        drawn.append(_days(digest.days))
    policies = [row for row in digest.policies if row.violations]
    if policies:
        drawn.append(_bars("Violations by policy", policies, lambda row: row.violations))
    for title, rows in (("assistant", digest.assistants), ("model", digest.models)):
        rated = [row for row in rows if row.per_100 is not None]
        if len(rated) > 1:
            drawn.append(_bars(f"Violations per 100 code turns, by {title}", rated, lambda row: row.per_100 or 0.0))
    return drawn


def _days(days: Sequence[Day]) -> Chart:
    worst = max(days, key=lambda day: day.violations)
    alt = (
        f"Violations per day from {days[0].day} to {days[-1].day}: {sum(day.violations for day in days)} in all, "
        f"most on {worst.day}, {worst.violations}."
    )

    def draw(axes: "Axes", colors: Colors) -> None:
        from matplotlib.ticker import MaxNLocator

        places = list(range(len(days)))
        step = -(-len(days) // TICKS)
        axes.bar(places, [day.violations for day in days], color=colors.bars, width=0.8)
        axes.set_xticks(places[::step], [day.day.isoformat() for day in days[::step]], rotation=30, ha="right")
        axes.set_ylabel("violations", color=colors.text)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        _rate(axes.twinx(), days, colors)

    return _chart(draw, alt, "Violations per day (bars), and per 100 code turns (line)")


def _rate(axes: "Axes", days: Sequence[Day], colors: Colors) -> None:
    """Draw the rate over the bars; a day without a code turn has none."""
    values = [float("nan") if day.per_100 is None else day.per_100 for day in days]
    axes.plot(range(len(days)), values, color=colors.line, marker=".", linewidth=1.5)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("per 100 code turns", color=colors.line)
    axes.tick_params(colors=colors.line)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _bars(title: str, rows: Sequence[Row], value: Callable[[Row], float]) -> Chart:
    shown = sorted(rows, key=lambda row: -value(row))[:SHOWN]
    said = ", ".join(f"{_label(row.name)} {value(row):g}" for row in shown)

    def draw(axes: "Axes", colors: Colors) -> None:
        places = range(len(shown))
        axes.barh(places, [value(row) for row in shown], color=colors.bars)
        axes.set_yticks(list(places), [_label(row.name) for row in shown], parse_math=False)
        axes.invert_yaxis()

    left = f"; {len(rows) - SHOWN} more are in the table" if len(rows) > SHOWN else ""
    return _chart(draw, f"{title}: {said}{left}.", f"{title}{left}")


def _label(name: str) -> str:
    line = visible(" ".join(name.split()))
    return line if len(line) <= LABEL else f"{line[: LABEL - 1]}…"


def _chart(draw: "Callable[[Axes, Colors], None]", alt: str, caption: str) -> Chart:
    return Chart(light=_picture(draw, LIGHT), dark=_picture(draw, DARK), alt=alt, caption=caption)


def _picture(draw: "Callable[[Axes, Colors], None]", colors: Colors) -> str:
    """Draw on a figure of its own, without pyplot's global state; the same figures give the same bytes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    out = io.BytesIO()
    look: Any = {"svg.hashsalt": "tracevet", "svg.fonttype": "none", "text.parse_math": False, "font.size": 9}
    with rc_context(look), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that matplotlib has no font for: the browser has one
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        draw(axes, colors)
        axes.tick_params(colors=colors.text)
        axes.grid(visible=True, color=colors.grid, linewidth=0.5)
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(colors.grid)
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"
