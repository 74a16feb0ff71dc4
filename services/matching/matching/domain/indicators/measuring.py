"""Statistics beside the components of a cell: where demand goes, how openings end, what is paid, and why a cell is short.

Every value is a whole number: thousandths where a share, ratio or slope is taken, else days or US cents an hour. With it comes
its evidence count, and where the evidence is thin the value is absent: fewer openings or employers than the policy's guard of a
cell asks for, or fewer than `LEAST_WEEKS` weeks with demand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import log
from statistics import median

from matching.domain.cells.shortage_cell import CellMeasure, Level
from matching.domain.indicators.history import CellDay, OpeningLife, RegionHistory, Source
from matching.domain.indicators.wages import WageTable
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy

WEEKS = 13
"""A quarter: long enough to see through a slow week, short enough to act on."""
LEAST_WEEKS = 8
"""Of these 13, weeks that have demand: Theil-Sen stands up to 29 % outliers, so two of eight may be odd."""
WINDOW_DAYS = 180
"""How far back endings and publications count."""
LONG_TRAINING_WEEKS = 26
"""More than half a year of training cannot answer a shortage within the pipeline's horizon."""
UNSUITABLE_SHARE = 5
"""A cell that is not short blocks positions all the same when these are a fifth of its demand or more."""
_HALF = 0.5 + 1e-9
"""Products of thirds and quarters miss one half by a rounding error."""


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """A value and how many things it was drawn from; None when those are too few to say."""

    value: int | None
    evidence: int


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators of one cell that need its past. `source` says what kind of records they were drawn from."""

    as_of: date
    source: Source
    demand_trend: MeasuredValue
    fill_rate: MeasuredValue
    days_to_fill: MeasuredValue
    posted_wage: MeasuredValue
    wage_ratio: MeasuredValue
    concentration: MeasuredValue


class Driver(StrEnum):
    """Why positions stay open."""

    LONG_TRAINING = "long_training"
    SHORT_TRAINING = "short_training"
    UNSUITABLE = "unsuitable"


def indicators_of(history: RegionHistory, subject: str, wages: WageTable, policy: Policy) -> Indicators:
    """Every indicator of the cell (history's region, subject)."""
    days, lives = history.cells.get(subject, ()), history.of(subject)
    behind = [life for life in lives if life.ended_on(history.as_of) is None]
    posted, ratio = posted_wage(history.region, behind, wages, policy)
    return Indicators(
        as_of=history.as_of,
        source=Source.of([*(day.source for day in days), *(life.source for life in lives)]),
        demand_trend=demand_trend(days, history.market, history.as_of),
        fill_rate=fill_rate(lives, history.as_of, policy),
        days_to_fill=days_to_fill(lives, history.as_of, policy),
        posted_wage=posted,
        wage_ratio=ratio,
        concentration=concentration(history.region, behind, wages, policy),
    )


def demand_trend(days: Iterable[CellDay], market: Mapping[date, int], as_of: date) -> MeasuredValue:
    """How much faster a cell's demand grows than its region's: thousandths of log points a week; evidence: weeks.

    The slope of ln(weekly demand) over the last 13 whole weeks before `as_of`, less that of all the region's cells over the
    same weeks, each the Theil-Sen estimate: the median of the slopes between all pairs of weeks (Theil 1950, Sen 1968;
    `scipy.stats.theilslopes`). A week's demand is the mean over its kept days; a kept day on which the cell did not exist
    counts as zero. A week without kept days, or whose demand is zero and so has no logarithm, is left out.
    """
    own, whole = _weekly({each.day: each.demand for each in days}, market, as_of), _weekly(market, market, as_of)
    weeks = [week for week, demand in own.items() if demand > 0]
    if len(weeks) < LEAST_WEEKS:
        return MeasuredValue(None, len(weeks))
    slope = _slope(weeks, [own[week] for week in weeks]) - _slope(weeks, [whole[week] for week in weeks])
    return MeasuredValue(round(1000 * slope), len(weeks))


def _weekly(demand: Mapping[date, int], kept: Iterable[date], as_of: date) -> dict[int, float]:
    """Mean demand by week, -13 to -1 and in that order, of the weeks with kept days."""
    weeks: dict[int, list[int]] = {}
    for day in sorted(kept):
        week = (day - as_of).days // 7
        if -WEEKS <= week < 0:
            weeks.setdefault(week, []).append(demand.get(day, 0))
    return {week: sum(found) / len(found) for week, found in weeks.items()}


def _slope(weeks: Sequence[int], demand: Sequence[float]) -> float:
    # Takes a second to import, which only those who compute should pay.
    from scipy.stats import theilslopes

    return float(theilslopes([log(value) for value in demand], weeks).slope)


def fill_rate(lives: Iterable[OpeningLife], as_of: date, policy: Policy) -> MeasuredValue:
    """Positions filled over positions posted, thousandths, among the openings that were filled, closed or expired within the
    last 180 days; evidence: those openings. (Jobs and Skills Australia's fill rate of recruiting employers, per position.)"""
    since = as_of - timedelta(days=WINDOW_DAYS)
    ended = [life for life in lives if (end := life.ended_on(as_of)) is not None and since <= end <= as_of]
    if not _guarded(ended, policy):
        return MeasuredValue(None, len(ended))
    return MeasuredValue(1000 * sum(life.filled for life in ended) // sum(life.positions for life in ended), len(ended))


def days_to_fill(lives: Iterable[OpeningLife], as_of: date, policy: Policy) -> MeasuredValue:
    """Median days from an opening's publication until its last position is filled; evidence: the filled openings.

    The least time at which the Kaplan-Meier estimate of "not yet filled" is one half or less (Kaplan and Meier 1958;
    `scipy.stats.ecdf`), over the openings published within the last 180 days and seen from then on. Open ones are censored at
    `as_of`. So are, at their end, those closed or expired unfilled: how long they would have taken is unknown, and leaving
    them out would flatter. It is also absent when less than half can be said to be filled at any time.
    """
    since = as_of - timedelta(days=WINDOW_DAYS)
    seen = [life for life in lives if life.published_on is not None and since <= life.published_on <= as_of]
    filled = [life for life in seen if life.filled_on is not None]
    value = _median_survival(seen, as_of) if _guarded(filled, policy) else None
    return MeasuredValue(value, len(filled))


def _median_survival(seen: Sequence[OpeningLife], as_of: date) -> int | None:
    # Takes a second to import, which only those who compute should pay.
    from scipy.stats import CensoredData, ecdf

    spans = [_days_open(life, as_of) for life in seen]
    waiting = ecdf(CensoredData.right_censored(spans, [life.filled_on is None for life in seen])).sf
    reached = waiting.quantiles[waiting.probabilities <= _HALF]
    return int(reached[0]) if len(reached) else None


def _days_open(life: OpeningLife, as_of: date) -> int:
    assert life.published_on is not None
    return max(0, ((life.ended_on(as_of) or as_of) - life.published_on).days)


def posted_wage(
    region: str, behind: Iterable[OpeningLife], wages: WageTable, policy: Policy
) -> tuple[MeasuredValue, MeasuredValue]:
    """The median of the midpoints that the cell's open openings post, US cents an hour, and its ratio to what BLS says.

    Behind the ratio, in thousandths, are the openings whose occupation has a BLS median (`WageTable.median`): the median of
    theirs over the mean of their occupations' BLS medians, so weighted by openings. Evidence: openings.
    """
    posting = [life for life in behind if life.wage is not None]
    compared = [(life, bls) for life in posting if life.occupation and (bls := wages.median(region, life.occupation))]
    return (
        MeasuredValue(_median_wage(posting) if _guarded(posting, policy) else None, len(posting)),
        MeasuredValue(_ratio(compared) if _guarded([life for life, _ in compared], policy) else None, len(compared)),
    )


def _median_wage(posting: Iterable[OpeningLife]) -> int:
    return int(median(life.wage for life in posting if life.wage is not None))


def _ratio(compared: Sequence[tuple[OpeningLife, int]]) -> int:
    expected = sum(bls for _, bls in compared) / len(compared)
    return round(1000 * _median_wage(life for life, _ in compared) / expected)


def concentration(region: str, behind: Iterable[OpeningLife], wages: WageTable, policy: Policy) -> MeasuredValue:
    """How far the region is specialised in the cell's occupations: the mean of their BLS location quotients there, weighted by
    their employment there, thousandths (1000: as common as in the nation); evidence: openings with an occupation. Absent
    outside the metropolitan areas of the table. (BLS OEWS: local share of employment over the national share.)"""
    working = [life for life in behind if life.occupation]
    lines = wages.in_area(region, [life.occupation for life in working if life.occupation])
    employed = sum(line.employment for line in lines)
    if not employed or not _guarded(working, policy):
        return MeasuredValue(None, len(working))
    return MeasuredValue(round(10 * sum(line.employment * (line.quotient or 0) for line in lines) / employed), len(working))


def driver_of(level: Level, measure: CellMeasure, subject: str, catalog: MarketCatalog) -> Driver | None:
    """Why a cell's positions stay open, None where nothing says so (evidence: the cell's openings, under its guard).

    Short: too few candidates, and the shortest training of the credentials that provide the subject is long (more than 26
    weeks) or not; None when no training time is known. Not short: supply would be enough, yet a fifth of the demand is blocked,
    so those who hold the subject fail other requirements or gates. After the shortage drivers of Jobs and Skills Australia's
    Skills Priority List (2023): long training gap, short training gap, suitability gap; retention cannot be seen from here.
    """
    if level >= Level.SHORTAGE:
        known = (catalog.credentials[each].training_weeks for each in catalog.providers(subject))
        weeks = min((each for each in known if each is not None), default=None)
        if weeks is None:
            return None
        return Driver.LONG_TRAINING if weeks > LONG_TRAINING_WEEKS else Driver.SHORT_TRAINING
    blocked = UNSUITABLE_SHARE * 1000 * measure.blocked >= measure.demand > 0
    return Driver.UNSUITABLE if level > Level.INSUFFICIENT_DATA and blocked else None


def _guarded(lives: Sequence[OpeningLife], policy: Policy) -> bool:
    """Whether there are enough: what is drawn from openings stands under the guard of a cell (MARKET.md section 12)."""
    return len(lives) >= policy.guard_openings and len({life.employer_id for life in lives}) >= policy.guard_employers
