"""What the symbols of the map of demand say and where they lead. It is written here and not by the template, which would take
longer for hundreds of symbols than for all else of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from markupsafe import Markup

from learners.adapters.demand_repository import ForemostCell
from learners.entrypoints.demand_map import MapSymbol
from makersync.pages.words import count

_THOUSANDTHS = 1000
_SHAPE = Markup('<circle class="touched" cx="{}" cy="{}" r="{}"/><path class="mark {}" d="{}"/>')


@dataclass(frozen=True, slots=True)
class MapMark:
    """`shape` is what is drawn, as markup."""

    region: str
    said: str
    leads_to: str
    is_chosen: bool
    shape: Markup


@dataclass(frozen=True, slots=True)
class MapWords:
    """`regions` and `names` are what regions and subjects are called; `chosen` is the filter of the page."""

    regions: Mapping[str, str]
    names: Mapping[str, str]
    chosen: Mapping[str, str]

    @property
    def rest(self) -> str:
        """The filter without the labour market, as an address has it; empty when nothing else is chosen."""
        return urlencode({name: value for name, value in self.chosen.items() if value and name != "region"})

    def marks(self, symbols: Sequence[MapSymbol]) -> list[MapMark]:
        rest = self.rest
        return [self._mark(each, rest) for each in symbols]

    def said(self, cell: ForemostCell) -> str:
        region = self.regions[cell.region]
        if cell.subject is None or cell.demand is None or cell.supply is None:
            return f"{region}: too few openings for figures"
        what = "" if self.chosen["subject"] else f"{self.names[cell.subject]}, "
        noun = "position" if cell.demand == _THOUSANDTHS else "positions"
        people = count(cell.supply, "person", "people")
        return f"{region}: {what}{cell.level}, {_positions(cell.demand)} {noun}, {people}"

    def _mark(self, symbol: MapSymbol, rest: str) -> MapMark:
        cell, point = symbol.cell, symbol.point
        is_chosen = cell.region == self.chosen["region"]
        leads_to = f"/demand?region={quote(cell.region)}{f'&{rest}' if rest else ''}"
        if is_chosen and cell.subject:
            leads_to = f"/demand/{quote(cell.region)}/{quote(cell.subject)}"
        shape = _SHAPE.format(point.x, point.y, symbol.touched, cell.level, symbol.path)
        return MapMark(cell.region, self.said(cell), leads_to, is_chosen, shape)


def _positions(thousandths: int) -> str:
    return f"{thousandths / _THOUSANDTHS:,.1f}".replace(".0", "")
