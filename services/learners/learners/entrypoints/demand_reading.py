"""What the pages of demand show of a cell: names for people, its trend and history, and what a cohort would do to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_repository import CatalogRepository
from learners.domain.signal import (
    GUARDED,
    LEVEL_FROM,
    ShortageSignal,
    SignalComponents,
    SignalDay,
    level_at,
    tightness_with,
)
from makersync.pages.charts import ChartBand, HistoryChart, Sparkline, history_chart, sparkline
from reference.places import Places

TREND = timedelta(weeks=13)
HISTORY = timedelta(days=180)
_WEEK = timedelta(weeks=1)
BANDS = [ChartBand(level, least / 1000, tone) for tone, (level, least) in enumerate(LEVEL_FROM.items())]
SEATS = (5, 10, 20, 40)


@dataclass(frozen=True, slots=True)
class CohortEffect:
    """What so many more people would do. `tightness` in thousandths."""

    seats: int
    tightness: int
    level: str


def effects_of(components: SignalComponents, asked: int | None) -> list[CohortEffect]:
    """Of some numbers of seats, and of the one that was asked for."""
    seats = sorted({*SEATS, *(() if asked is None else (asked,))})
    return [CohortEffect(each, tightness_with(components, each), level_at(tightness_with(components, each))) for each in seats]


def trend(days: Sequence[SignalDay], today: date) -> Sparkline | None:
    """The demand at the end of each of the last 13 weeks; None before there are two figures."""
    values = [_shown(_standing(days, today - each * _WEEK)) for each in range(TREND // _WEEK, -1, -1)]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    return sparkline(f"Demand over 13 weeks: from {known[0]:g} to {known[-1]:g} positions", values)


def history(days: Sequence[SignalDay], today: date) -> HistoryChart:
    """The tightness of each day on which it was published, and today's. Days that are yet to come, as a clock or an operator
    set too far ahead leaves them, say nothing."""
    days = [each for each in days if each.day <= today]
    shown = [(each.day, _tightness(each)) for each in days if each.day >= today - HISTORY]
    if days and days[-1].day < today:
        shown.append((today, _tightness(days[-1])))
    return history_chart("Positions asked for to each person who could take them", shown, lambda value: f"{value:.2f}", BANDS)


def _standing(days: Sequence[SignalDay], day: date) -> SignalDay | None:
    return next((each for each in reversed(days) if each.day <= day), None)


def _shown(day: SignalDay | None) -> float | None:
    """Nothing is shown under the evidence guard."""
    return None if day is None or day.level == GUARDED else day.demand / 1000


def _tightness(day: SignalDay) -> float | None:
    return None if day.level == GUARDED else day.tightness / 1000


async def subject_names(
    session: AsyncSession, signals: Sequence[ShortageSignal], more: Collection[str] = ()
) -> Mapping[str, str]:
    """The name of each subject, those of `more` too, and of each credential that provides one, by id."""
    catalog = CatalogRepository(session)
    subjects = {each.subject for each in signals} | {*more}
    credentials = {each.partition(":")[2] for each in subjects if each.startswith("credential:")}
    credentials |= {credential for each in signals for credential in each.top_credentials}
    known = {key: each.definition.name for key, each in (await catalog.credentials(credentials)).items()}
    parts = {each: each.partition(":")[2].rpartition("@") for each in subjects if each.startswith("competency:")}
    competencies = await catalog.competencies({part[0] for part in parts.values()})
    # What an address asks for may be no subject at all.
    names = {each: each for each in subjects} | {each: known.get(each, each) for each in credentials}
    names |= {f"credential:{each}": names[each] for each in credentials}
    for subject, (competency, _, level) in parts.items():
        name = competencies[competency].name if competency in competencies else competency
        names[subject] = f"{name}, level {level}"
    return names


def region_names(places: Places, regions: Sequence[str]) -> Mapping[str, str]:
    """Of a region that the reference data does not have, the id."""
    known = frozenset(places.regions())
    return {each: places.region_name(each) if each in known else each for each in regions}
