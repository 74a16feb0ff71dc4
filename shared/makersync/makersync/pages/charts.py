"""The geometry of charts, which templates/charts.html draws as SVG with the words around it and a table behind it.

A drawing is stretched to the width of its place. All text is HTML beside it, so that it stays readable on a phone. Lengths in a
drawing are shares of its box, which is WIDTH wide and HEIGHT high; y grows downwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, floor, log10

WIDTH, HEIGHT = 1000, 100
#: What is left free above and below a small line, so that its stroke is not cut off.
_MARGIN = 6.0
#: Steps of an axis that are easy to count in, within a power of ten.
_STEPS = (1.0, 2.0, 5.0, 10.0)
_MOST_STEPS = 4
#: How far the axis goes beyond the beginning of the last band, so that the band is seen.
_ABOVE = 1.2
#: How a value reads, with its unit.
Words = Callable[[float], str]
#: A place in the box; None where nothing is known.
Place = tuple[float, float] | None


def plain(value: float) -> str:
    """Up to one decimal, in groups of thousands."""
    return f"{value:,.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line without an axis, beside the number whose past it is. `title` says in words what can be seen."""

    title: str
    line: str
    area: str


def sparkline(title: str, values: Sequence[float | None]) -> Sparkline:
    """Equally spaced values, of which the least is at the bottom and the most at the top; None leaves a gap."""
    known = [value for value in values if value is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)

    def height(value: float) -> float:
        return HEIGHT - _MARGIN - _share(value - least, most - least) * (HEIGHT - 2 * _MARGIN)

    last = len(values) - 1
    pieces = _pieces([None if value is None else (_across(at, last), height(value)) for at, value in enumerate(values)])
    return Sparkline(title, _line(pieces), _area(pieces))


@dataclass(frozen=True, slots=True)
class ChartBand:
    """A range of values with a name, from `least` to where the next begins. `tone` goes from 0, the mildest, to 3."""

    name: str
    least: float
    tone: int


@dataclass(frozen=True, slots=True)
class PlacedBand:
    band: ChartBand
    y: float
    height: float
    reads: str


@dataclass(frozen=True, slots=True)
class ChartDay:
    """A day with its value. `x` and `width` are of the column that says the value when somebody points at it."""

    on: date
    value: float | None
    reads: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class HistoryChart:
    """A value over days. `ticks` are the words of the axis from the top down to 0, equally far apart. `lowest` and `highest`
    are None when no day has a value."""

    title: str
    line: str
    area: str
    ticks: Sequence[str]
    bands: Sequence[PlacedBand]
    days: Sequence[ChartDay]
    lowest: ChartDay | None
    highest: ChartDay | None


def history_chart(
    title: str, days: Sequence[tuple[date, float | None]], words: Words = plain, bands: Sequence[ChartBand] = ()
) -> HistoryChart:
    """Days and bands go upwards, and values begin at 0. Days may be missing; a day without a value leaves a gap in the line."""
    step, steps = _axis(
        max([value for _, value in days if value is not None] + [_ABOVE * band.least for band in bands], default=0)
    )
    top = step * steps
    since, span = (days[0][0], (days[-1][0] - days[0][0]).days) if days else (date.min, 0)
    places: list[Place] = [
        None if value is None else (_across((on - since).days, span), HEIGHT - _share(value, top) * HEIGHT)
        for on, value in days
    ]
    pieces = _pieces(places)
    measured = _measured(days, words)
    known = sorted((each.value, number) for number, each in enumerate(measured) if each.value is not None)
    return HistoryChart(
        title,
        _line(pieces),
        _area(pieces),
        [words(step * each) for each in range(steps, -1, -1)],
        _placed(bands, top, words),
        measured,
        measured[known[0][1]] if known else None,
        measured[known[-1][1]] if known else None,
    )


@dataclass(frozen=True, slots=True)
class BarPart:
    """A named part of a bar. `tone` names its colour: parts of the same name have the same in all bars of a chart."""

    name: str
    value: float
    tone: str


@dataclass(frozen=True, slots=True)
class ChartBar:
    label: str
    parts: Sequence[BarPart]


@dataclass(frozen=True, slots=True)
class PlacedPart:
    part: BarPart
    x: float
    width: float
    reads: str


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """`reads` is the sum of its parts."""

    label: str
    parts: Sequence[PlacedPart]
    reads: str

    def reads_of(self, name: str) -> str:
        """Empty where the bar has no such part."""
        return next((each.reads for each in self.parts if each.part.name == name), "")


@dataclass(frozen=True, slots=True)
class BarChart:
    """`legend` has a part of each name, in the order in which they first appear."""

    title: str
    bars: Sequence[PlacedBar]
    legend: Sequence[BarPart]

    @property
    def has_several(self) -> bool:
        """Whether any bar has several parts, which only a legend and a table name."""
        return any(len(bar.parts) > 1 for bar in self.bars)


def bar_chart(title: str, bars: Sequence[ChartBar], words: Words = plain, whole: float | None = None) -> BarChart:
    """Bars among each other, their parts one after the other. `whole` is what a full bar stands for: the longest by default."""
    full = (max((_sum(bar) for bar in bars), default=0.0) if whole is None else whole) or 1.0
    legend = {part.name: part for bar in bars for part in bar.parts}
    return BarChart(
        title, [PlacedBar(bar.label, _beside(bar, full, words), words(_sum(bar))) for bar in bars], [*legend.values()]
    )


def _sum(bar: ChartBar) -> float:
    return sum(part.value for part in bar.parts)


def _beside(bar: ChartBar, full: float, words: Words) -> Sequence[PlacedPart]:
    placed, x = [], 0.0
    for part in bar.parts:
        width = _share(part.value, full) * WIDTH
        placed.append(PlacedPart(part, round(x, 1), round(width, 1), words(part.value)))
        x += width
    return placed


def _measured(days: Sequence[tuple[date, float | None]], words: Words) -> Sequence[ChartDay]:
    """The column of a day reaches half the way to the days beside it."""
    if not days:
        return []
    since, span = days[0][0], (days[-1][0] - days[0][0]).days
    at = [_across((on - since).days, span) for on, _ in days]
    edges = [0.0, *((left + right) / 2 for left, right in pairwise(at)), float(WIDTH)]
    return [
        ChartDay(on, value, "" if value is None else words(value), round(left, 1), round(right - left, 1))
        for (on, value), (left, right) in zip(days, pairwise(edges), strict=True)
    ]


def _placed(bands: Sequence[ChartBand], top: float, words: Words) -> Sequence[PlacedBand]:
    ends = [*(band.least for band in bands[1:]), top] if bands else []
    return [
        PlacedBand(
            band,
            round(HEIGHT - _share(end, top) * HEIGHT, 1),
            round(_share(end - band.least, top) * HEIGHT, 1),
            words(band.least),
        )
        for band, end in zip(bands, ends, strict=True)
    ]


def _axis(most: float) -> tuple[float, int]:
    """A round step, and how many of them reach beyond the highest value: at least one, and seldom more than four."""
    if most <= 0:
        return 1.0, 1
    power = 10.0 ** floor(log10(most / _MOST_STEPS))
    step = next(each * power for each in _STEPS if each * power * _MOST_STEPS >= most)
    return step, max(1, ceil(most / step))


def _share(part: float, whole: float) -> float:
    """Within 0 to 1; the half of a range that has no length."""
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.5


def _across(at: float, last: float) -> float:
    return _share(at, last) * WIDTH


def _pieces(places: Sequence[Place]) -> list[list[tuple[float, float]]]:
    """The runs of places without a gap in them."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            pieces.append([])
        else:
            pieces[-1].append(place)
    return [piece for piece in pieces if piece]


def _line(pieces: Sequence[Sequence[tuple[float, float]]]) -> str:
    """A path. A place that stands alone is a line of no length, which round ends make a dot."""
    return "".join(f"M{_joined(piece)}" if len(piece) > 1 else f"M{_joined(piece)}h0" for piece in pieces)


def _area(pieces: Sequence[Sequence[tuple[float, float]]]) -> str:
    """What lies under the line."""
    return "".join(f"M{piece[0][0]:.4g} {HEIGHT}L{_joined(piece)}V{HEIGHT}z" for piece in pieces if len(piece) > 1)


def _joined(piece: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:.4g} {y:.4g}" for x, y in piece)
