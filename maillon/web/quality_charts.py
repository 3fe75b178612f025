"""Charts as SVG shapes that templates draw: a line over time with labelled axes, a bar.

Turns moments of a scope into coordinates of SVG 2 (https://www.w3.org/TR/SVG2/shapes.html). Every chart stands beside
a table of the same numbers, so that nothing is told by a picture alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from maillon.web import display

WIDTH: Final = 480
HEIGHT: Final = 190
_LEFT: Final = 60
_RIGHT: Final = 24
_TOP: Final = 16
_BOTTOM: Final = 32
_STEPS: Final = (1, 2, 5, 10)
_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, or a point of the line.

    Attributes:
        x: Horizontal place in units of the picture.
        y: Vertical place.
        label: Text beside it, may be empty.
        anchor: Which part of the text is at the place: ``start``, ``middle`` or ``end``.
    """

    x: str
    y: str
    label: str = ""
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table beside a chart.

    Attributes:
        day: When, in words.
        cells: Numbers in the digits of the language.
    """

    day: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time.

    Attributes:
        name: Identifier of the chart in the page.
        title: What it shows.
        summary: The same in one sentence with its first and last number.
        line: The points as an SVG polyline has them.
        points: The points.
        levels: Horizontal lines with their numbers.
        ends: First and last day.
        columns: Headings of the table, without the first.
        rows: The table, the newest first.
    """

    name: str
    title: str
    summary: str
    line: str
    points: list[Mark]
    levels: list[Mark]
    ends: list[Mark]
    columns: list[str]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Series:
    """What a chart shows.

    Attributes:
        name: Identifier of the chart in the page.
        title: What it shows.
        summary: The same in one sentence.
        days: When, in words, the oldest first.
        values: One number a day.
        columns: Headings of the table.
        cells: Cells of the table, a row a day.
    """

    name: str
    title: str
    summary: str
    days: Sequence[str]
    values: Sequence[float]
    columns: Sequence[str]
    cells: Sequence[Sequence[str]]


def levels(values: Sequence[float]) -> list[float]:
    """Return round numbers, few and evenly spaced, that enclose values: what the vertical axis shows."""
    low, high = min(values), max(values)
    step = _round_step(max(high - low, 1) / _LINES)
    first = math.floor(low / step) * step
    count = max(1, math.ceil((high - first) / step))
    return [first + step * number for number in range(count + 1)]


def _round_step(rough: float) -> int:
    power = 10 ** max(0, math.floor(math.log10(rough)))
    return int(next(power * step for step in _STEPS if power * step >= rough))


def draw(series: Series, language: str) -> Chart | None:
    """Place a series in a picture of WIDTH by HEIGHT; None where there are fewer than two points."""
    if len(series.values) < 2:
        return None
    marks = levels(series.values)
    low, high = marks[0], marks[-1]

    def x(place: int) -> str:
        return f"{_LEFT + (WIDTH - _LEFT - _RIGHT) * place / (len(series.values) - 1):.1f}"

    def y(value: float) -> str:
        return f"{HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low):.1f}"

    points = [Mark(x(place), y(value)) for place, value in enumerate(series.values)]
    foot = str(HEIGHT - 8)
    rows = [Row(day, list(cells)) for day, cells in zip(series.days, series.cells, strict=True)]
    return Chart(
        name=series.name,
        title=series.title,
        summary=series.summary,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        points=points,
        levels=[Mark(str(_LEFT - 8), y(value), display.number(value, language), "end") for value in marks],
        ends=[Mark(points[0].x, foot, series.days[0], "start"), Mark(points[-1].x, foot, series.days[-1], "end")],
        columns=list(series.columns),
        rows=rows[::-1],
    )


def share(value: float, most: float) -> str:
    """Return the length of a bar, 0 to 100."""
    return f"{max(0.0, min(100.0, 100 * value / most)):.1f}"
