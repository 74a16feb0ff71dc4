"""Names beside the largest symbols of the map of demand, where there is room. Lengths are in units of the map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from learners.entrypoints.demand_map import DemandMap, MapFrame, MapSymbol

#: Of the whole country: how high letters are, about how wide, and how far a name stands from its symbol.
_LETTER, _WIDTH_OF_LETTER, _GAP = 15.0, 8.0, 5.0
#: How many symbols may have a name, the largest first: to look for room takes time, and more would hide the map.
_MOST = 25
_LONGEST = 16

#: Left, upper, right and lower edge.
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapLabel:
    """`anchor` is that of SVG: whether the text begins or ends at `x`. `y` is in the middle of it."""

    text: str
    x: float
    y: float
    anchor: str
    size: float


def map_labels(drawn: DemandMap, names: Mapping[str, str]) -> Sequence[MapLabel]:
    """By the names of the regions. None lies over a symbol, another name or the edge."""
    taken, unit = [_box_of(each) for each in drawn.symbols], drawn.frame.unit
    labels = []
    for symbol in drawn.symbols[:_MOST]:
        text = short_name(names[symbol.cell.region])
        for label, box in _beside(text, symbol, unit):
            if _is_within(box, drawn.frame) and not any(_overlap(box, each) for each in taken):
                taken.append(box)
                labels.append(label)
                break
    return labels


def short_name(name: str) -> str:
    """Of a labour market: its cities, or the first of many, without the state."""
    if " outside " in name:
        return f"rest of {name.partition(' ')[0]}"
    cities = name.partition(",")[0]
    return cities if len(cities) <= _LONGEST else cities.partition("-")[0]


def _beside(text: str, symbol: MapSymbol, unit: float) -> Iterator[tuple[MapLabel, _Box]]:
    """To the right, and to the left."""
    left, upper, right, lower = _box_of(symbol)
    middle, half, length = (upper + lower) / 2, _LETTER * unit / 2, _WIDTH_OF_LETTER * unit * len(text)
    for anchor, x, end in (("start", right + _GAP * unit, 1), ("end", left - _GAP * unit, -1)):
        box = (min(x, x + end * length), middle - half, max(x, x + end * length), middle + half)
        yield MapLabel(text, round(x, 2), round(middle, 2), anchor, round(_LETTER * unit, 2)), box


def _box_of(symbol: MapSymbol) -> _Box:
    x, y, reach = symbol.point.x, symbol.point.y, symbol.reach
    return x - reach, y - symbol.radius, x + reach, y + symbol.radius


def _is_within(box: _Box, frame: MapFrame) -> bool:
    return box[0] >= frame.x and box[1] >= frame.y and box[2] <= frame.x + frame.width and box[3] <= frame.y + frame.height


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
