"""A drawing of boxes and arrows as SVG that needs neither script nor font from elsewhere."""

from collections.abc import Iterable, Mapping
from html import escape

#: Column and row.
Spot = tuple[float, float]

WIDTH, HEIGHT, COLUMN, ROW, MARGIN, TITLE = 118, 32, 142, 66, 16, 26
_STYLE = (
    "text{font:13px sans-serif;fill:#222;text-anchor:middle}.title{font-weight:bold;text-anchor:start;fill:#777}"
    "rect{fill:#f4f6fb;stroke:#4a5a8a}line{stroke:#6b7280;stroke-width:1.3;marker-end:url(#head)}"
)
_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#6b7280"/></marker></defs>'
)


class Drawing:
    """Gathers pictures, each at its own corner of one grid."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._width = self._height = 0.0

    def add(self, title: str, spots: Mapping[str, Spot], arrows: Iterable[tuple[str, str]], corner: Spot) -> None:
        left, top = MARGIN + corner[0] * COLUMN, MARGIN + corner[1] * ROW
        places = {name: (left + x * COLUMN, top + TITLE + y * ROW) for name, (x, y) in spots.items()}
        self._parts.append(f'<text class="title" x="{left:g}" y="{top + 12:g}">{escape(title)}</text>')
        self._parts += [_line(places[start], places[end]) for start, end in arrows]
        self._parts += [_box(name, place) for name, place in places.items()]
        self._width = max(self._width, *(x + WIDTH + MARGIN for x, _ in places.values()))
        self._height = max(self._height, *(y + HEIGHT + MARGIN for _, y in places.values()))

    def svg(self, label: str) -> str:
        size = f'viewBox="0 0 {self._width:g} {self._height:g}" width="{self._width:g}" height="{self._height:g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(label)}">'
        return "\n".join([head, f"<style>{_STYLE}</style>", _HEAD, *self._parts, "</svg>"]) + "\n"


def _box(name: str, place: Spot) -> str:
    x, y = place
    text = f'<text x="{x + WIDTH / 2:g}" y="{y + HEIGHT / 2 + 5:g}">{escape(name)}</text>'
    return f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>{text}'


def _line(start: Spot, end: Spot) -> str:
    """From edge to edge: downwards, upwards, or sideways in a row. Two that point at each other lie beside each other."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        aside = -5 if x1 < x2 else 5
        x1, x2 = (x1 + WIDTH, x2) if x1 < x2 else (x1, x2 + WIDTH)
        return _segment(x1, y1 + HEIGHT / 2 + aside, x2, y2 + HEIGHT / 2 + aside)
    shift = WIDTH / 2 + (0 if y1 < y2 else 12)
    y1, y2 = (y1 + HEIGHT, y2) if y1 < y2 else (y1, y2 + HEIGHT)
    return _segment(x1 + shift, y1, x2 + shift, y2)


def _segment(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'
