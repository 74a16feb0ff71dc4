"""The geometry of the map of demand, which templates/demand_map.html draws: each labour market is a symbol at its place, whose
shape and colour say a level and whose area says how many positions are asked for.

Lengths are in units of the map (reference.map_points). Symbols have the same size on the screen however near the map is looked
at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt

from learners.adapters.demand_repository import ForemostCell
from learners.domain.signal import GUARDED
from reference.map_points import HEIGHT, WIDTH, MapPoint

#: Radii of circles on a map of the whole country; other shapes have the area of the circle.
_LARGEST, _SMALLEST, _BARE, _TOUCHED = 26.0, 6.5, 4.0, 13.0
#: How much of the country is seen around one labour market, and at least around several.
_NEAR, _SEVERAL, _MARGIN = 150.0, 260.0, 45.0
#: Nearly the whole country is shown as the whole.
_NEARLY_WHOLE = 0.75
#: From the centre to a corner of a triangle with equal sides and the area of a circle, by the radius of the circle.
_CORNER = sqrt(4 * pi / (3 * sqrt(3)))
#: How far shapes extend to either side, by the radius of the circle with their area.
_REACH = {"severe": _CORNER * sqrt(3 / 2), "shortage": _CORNER * sqrt(3) / 2, "surplus": _CORNER * sqrt(3) / 2}


@dataclass(frozen=True, slots=True)
class MapFrame:
    """The part of the map that is shown, in the proportions of the whole."""

    x: float = 0.0
    y: float = 0.0
    width: float = float(WIDTH)

    @property
    def height(self) -> float:
        return self.width * HEIGHT / WIDTH

    @property
    def unit(self) -> float:
        """What is as long here as one unit is on the map of the whole country."""
        return self.width / WIDTH

    @property
    def box(self) -> str:
        return " ".join(f"{each:g}" for each in map(_rounded, (self.x, self.y, self.width, self.height)))

    def shows(self, point: MapPoint) -> bool:
        return self.x <= point.x <= self.x + self.width and self.y <= point.y <= self.y + self.height


WHOLE = MapFrame()


def frame_around(points: Sequence[MapPoint]) -> MapFrame:
    """Whatever shows all of the points; the whole country without any."""
    if not points:
        return WHOLE
    across, down = [each.x for each in points], [each.y for each in points]
    wanted = max(max(across) - min(across), (max(down) - min(down)) * WIDTH / HEIGHT) + 2 * _MARGIN
    if wanted > _NEARLY_WHOLE * WIDTH:
        return WHOLE
    return _centred((min(across) + max(across)) / 2, (min(down) + max(down)) / 2, max(wanted, _SEVERAL))


def frame_near(point: MapPoint) -> MapFrame:
    return _centred(point.x, point.y, _NEAR)


def _centred(x: float, y: float, width: float) -> MapFrame:
    """As far in the middle as the edges of the map allow."""
    height = width * HEIGHT / WIDTH
    left, above = min(max(x - width / 2, 0.0), WIDTH - width), min(max(y - height / 2, 0.0), HEIGHT - height)
    return MapFrame(_rounded(left), _rounded(above), _rounded(width))


@dataclass(frozen=True, slots=True)
class MapSymbol:
    """The cell that stands for its labour market. `radius` is of the circle with its area, and `touched` of the circle in which
    it can be touched."""

    cell: ForemostCell
    point: MapPoint
    path: str
    radius: float
    touched: float

    def is_enlarged(self, largest: int) -> bool:
        return _LARGEST * sqrt((self.cell.demand or 0) / largest) < _SMALLEST

    @property
    def reach(self) -> float:
        """How far it extends to either side."""
        return self.radius * _REACH.get(self.cell.level, 1.0)


@dataclass(frozen=True, slots=True)
class DemandMap:
    """`symbols` are the largest first, so that none is hidden by a larger one. `bare` are the places of labour markets without
    figures, by region, and `absent` are cells of regions that have no place on the map. `largest` is the greatest demand
    among the symbols, in thousandths; None where no symbol has one."""

    frame: MapFrame
    symbols: Sequence[MapSymbol]
    bare: Mapping[str, MapPoint]
    absent: Sequence[ForemostCell]
    largest: int | None

    @property
    def regions(self) -> set[str]:
        """Those that it names."""
        return {*(each.region for each in self._cells), *self.bare}

    @property
    def subjects(self) -> set[str]:
        return {each.subject for each in self._cells if each.subject}

    @property
    def is_whole(self) -> bool:
        return self.frame == WHOLE

    @property
    def has_enlarged(self) -> bool:
        """Whether a symbol is drawn larger than its demand says."""
        return self.largest is not None and any(each.is_enlarged(self.largest) for each in self.symbols)

    @property
    def is_near(self) -> bool:
        """Whether so little is seen that counties can be told apart."""
        return self.frame.width <= _NEAR

    @property
    def bare_radius(self) -> float:
        return _rounded(_BARE * self.frame.unit)

    @property
    def _cells(self) -> Sequence[ForemostCell]:
        return [*(each.cell for each in self.symbols), *self.absent]


def demand_map(
    frame: MapFrame, regions: Sequence[str], cells: Mapping[str, ForemostCell], points: Mapping[str, MapPoint]
) -> DemandMap:
    """The labour markets of `regions` that lie in the frame."""
    seen = {each: points[each] for each in regions if each in points and frame.shows(points[each])}
    shown = sorted((cells[each] for each in seen if each in cells), key=lambda cell: (-(cell.demand or 0), cell.region))
    largest = max((cell.demand for cell in shown if cell.demand), default=None)
    return DemandMap(
        frame,
        [_symbol(cell, seen[cell.region], largest, frame.unit) for cell in shown],
        {region: point for region, point in seen.items() if region not in cells},
        [cells[each] for each in regions if each in cells and each not in points],
        largest,
    )


def _symbol(cell: ForemostCell, point: MapPoint, largest: int | None, unit: float) -> MapSymbol:
    share = cell.demand / largest if cell.demand and largest else 0.0
    radius = max(_LARGEST * sqrt(share), _SMALLEST) * unit
    return MapSymbol(cell, point, shape(cell.level, point, radius), radius, _rounded(max(radius, _TOUCHED * unit)))


def shape(level: str, at: MapPoint, radius: float) -> str:
    """The path of the level's shape around a place, with the area of a circle of the radius."""
    if level in ("balanced", GUARDED):
        arc = f"a{_n(radius)} {_n(radius)} 0 1 0"
        return f"M{_n(at.x - radius)} {_n(at.y)}{arc} {_n(2 * radius)} 0{arc} {_n(-2 * radius)} 0z"
    if level == "severe":
        corner = _CORNER * radius / sqrt(2)
        aside = corner * sqrt(3)
        return f"{_triangle(at.x - aside / 2, at.y, corner)}{_triangle(at.x + aside / 2, at.y, corner)}"
    return _triangle(at.x, at.y, -_CORNER * radius if level == "surplus" else _CORNER * radius)


def _triangle(x: float, y: float, corner: float) -> str:
    """With equal sides; it stands on a corner where `corner` is negative."""
    side = corner * sqrt(3)
    return f"M{_n(x)} {_n(y - corner)}l{_n(side / 2)} {_n(1.5 * corner)}h{_n(-side)}z"


def _rounded(length: float) -> float:
    return round(length, 2)


def _n(length: float) -> str:
    return f"{_rounded(length):g}"
