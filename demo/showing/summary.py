"""What `--once` prints at the end: figures, some matches with the reason for each, and the strongest signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from demo.client.service_clients import ServiceClients
from demo.showing.figures import Figures, ShortageFigures, read_figures, read_short_cells
from demo.showing.live_view import figure_rows
from demo.showing.narration import Narrator

_LOOKED_AT = 400
_MATCHES = 3
_SIGNALS = 8
#: The weights of the components of a score (MARKET.md section 8).
_WEIGHTS = {"preferred": 50, "trainable": 30, "evidence": 20}


@dataclass(frozen=True, slots=True)
class BestMatch:
    """An opening with candidates, and the first of them, as the shortlist shows both."""

    opening: Mapping[str, Any]
    candidate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    figures: Figures
    matches: Sequence[BestMatch]
    cells: Sequence[ShortageFigures]


async def read_summary(clients: ServiceClients) -> Summary:
    matches = [await _best_match(clients, opening) for opening in await _openings_to_show(clients)]
    return Summary(await read_figures(clients), matches, (await read_short_cells(clients, _LOOKED_AT))[:_SIGNALS])


def summary_view(summary: Summary, narrator: Narrator) -> RenderableType:
    parts = [_figures_table(summary.figures), *(_match_view(match) for match in summary.matches)]
    return Group(*parts, _cells_table(summary.cells, narrator))


async def _openings_to_show(clients: ServiceClients) -> list[Mapping[str, Any]]:
    """Of different regions and occupations, those with most to explain, among some of all openings."""
    some: list[Mapping[str, Any]] = []
    async for opening in clients.openings.pages(clients.operator_keys["openings"], "/v1/openings?status=open"):
        some.append(opening)
        if len(some) == _LOOKED_AT:
            break
    candidates = (opening for opening in some if opening["candidates"])
    chosen: list[Mapping[str, Any]] = []
    for opening in sorted(candidates, key=lambda o: (-len(o["groups"]), -o["candidates"], o["opening_id"])):
        if all(opening[name] != other[name] for other in chosen for name in ("occupation", "region")):
            chosen.append(opening)
    return chosen[:_MATCHES]


async def _best_match(clients: ServiceClients, opening: Mapping[str, Any]) -> BestMatch:
    shortlist = await clients.openings.get(clients.operator_keys["openings"], f"/v1/openings/{opening['opening_id']}/shortlist")
    return BestMatch(opening, shortlist["candidates"][0])


def _figures_table(figures: Figures) -> RenderableType:
    table = Table(title="The market", box=box.SIMPLE, show_header=False, title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in figure_rows(figures):
        table.add_row(name, value)
    return table


def _match_view(match: BestMatch) -> RenderableType:
    opening, explanation = match.opening, match.candidate["explanation"]
    place = "remote" if opening["remote"] else f"{opening['zip']}, {opening['region_name']}"
    candidates = f"{opening['candidates']} candidate{'' if opening['candidates'] == 1 else 's'}"
    table = Table(
        title=f"{opening['title']}, {place}: {candidates}; the first is {match.candidate['learner_id']}",
        caption=score_words(explanation["score"], explanation["components"]),
        box=box.SIMPLE,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("asked for", min_width=30)
    table.add_column("")
    table.add_column("met")
    for group in explanation["groups"]:
        table.add_row(_asked(group["asked"]), _necessity(group["asked"]), _met(group))
    return table


def score_words(score: int, components: Mapping[str, int | None]) -> str:
    """How the score follows from its components (MARKET.md section 8)."""
    defined = {name: value for name, value in components.items() if value is not None}
    if not defined:
        return f"score {score}: nothing to weigh"
    weighed = " + ".join(f"{_WEIGHTS[name]} x {name} {value}" for name, value in defined.items())
    return f"score {score} = ({weighed}) // {sum(_WEIGHTS[name] for name in defined)}"


def _asked(asked: Mapping[str, Any] | None) -> str:
    forms = asked["any_of"] if asked else ()
    return "\nor ".join(form.get("credential") or f"{form['competency']} at {form['level']}" for form in forms)


def _necessity(asked: Mapping[str, Any] | None) -> str:
    if asked is None:
        return "revised since"
    return f"{asked['necessity']},\nverified only" if asked["verified_only"] else str(asked["necessity"])


def _met(group: Mapping[str, Any]) -> str:
    return f"yes, {group['evidence']} by {_awards(len(group['awards']))}" if group["met"] else "no"


def _awards(number: int) -> str:
    return "an award" if number == 1 else f"{number} awards"


def _cells_table(cells: Sequence[ShortageFigures], narrator: Narrator) -> RenderableType:
    if not cells:
        return Text("No shortage: no cell with enough openings and employers is tight.")
    table = Table(title="The strongest signals", box=box.SIMPLE, title_justify="left")
    table.add_column("level", no_wrap=True)
    table.add_column("where and what, and the shortest way to it")
    for heading in ("demand", "supply", "blocked"):
        table.add_column(heading, justify="right")
    for cell in cells:
        counts = cell.components
        shown = f"{counts['demand'] / 1000:.1f}", str(counts["supply"]), str(counts["blocked"])
        table.add_row(_level_words(cell), _cell_words(cell, narrator), *shown)
    return table


def _level_words(cell: ShortageFigures) -> str:
    """The level, and below it the one that those in training will bring about."""
    return cell.level if cell.level_ahead in (None, cell.level) else f"{cell.level},\nthen {cell.level_ahead}"


def _cell_words(cell: ShortageFigures, narrator: Narrator) -> str:
    return "\n".join(
        (narrator.cell(cell.region, cell.subject), *(f"  {credential}" for credential in cell.top_credentials[:1]))
    )
