"""The indicators of a cell in words."""

from collections.abc import Callable, Mapping
from typing import Any

from demo.client.service_clients import ServiceClients
from demo.showing.figures import ShortageFigures
from demo.showing.narration import Narrator

_SOURCES = {"live": "", "simulated": ", from a simulated past", "mixed": ", partly from a simulated past"}
_DRIVERS = {
    "long_training": "too few people, and training takes long",
    "short_training": "too few people, though training is short",
    "unsuitable": "people enough, but they do not suit",
}
_PHRASES: Mapping[str, Callable[[int, int], str]] = {
    "demand_trend": lambda value, weeks: f"demand {value / 10:+.1f} % a week against the region's ({weeks} weeks)",
    "fill_rate": lambda value, openings: f"{value / 10:.0f} % of positions filled ({openings} openings)",
    "days_to_fill": lambda value, filled: f"{value} days to fill ({filled} filled)",
    "posted_wage": lambda value, openings: f"${value / 100:.2f} an hour posted ({openings} openings)",
    "wage_ratio": lambda value, openings: f"{value / 10:.0f} % of the BLS medians ({openings})",
    "concentration": lambda value, openings: f"location quotient {value / 1000:.2f} ({openings})",
}


async def indicator_words(clients: ServiceClients, cell: ShortageFigures, narrator: Narrator) -> str:
    """One line on a cell, as the matching service draws its indicators now. Raises Refused, DoorClosed."""
    path = f"/v1/markets/{cell.region}/cells/{cell.subject}/indicators"
    indicators = await clients.matching.get(clients.operator_keys["matching"], path)
    return indicator_sentence(narrator.cell(cell.region, cell.subject), indicators)


def indicator_sentence(name: str, indicators: Mapping[str, Any]) -> str:
    """Such as `Indicators of X in Y, from a simulated past: 71 % of positions filled (24 openings); ...`."""
    known = {field: indicators[field] for field in _PHRASES if indicators[field]["value"] is not None}
    phrases = [_PHRASES[field](each["value"], each["evidence"]) for field, each in known.items()]
    driver = _DRIVERS.get(indicators["driver"] or "")
    said = "; ".join([*phrases, *([driver] if driver else [])]) or "too little is known yet"
    return f"Indicators of {name}{_SOURCES[indicators['source']]}: {said}."
