"""The daily history, written in the transactions of its partitions and read by region."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import String, cast
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.envelope import Envelope
from makersync.store.upserts import upsert
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.application.settling import BatchOutcome, TakenSubject
from matching.domain.cells.shortage_cell import Cell
from matching.domain.indicators.history import KEPT_DAYS, CellDay, DayEnd, OpeningLife, RegionHistory, Source, life_of
from matching.domain.indicators.measuring import WEEKS, WINDOW_DAYS
from matching.domain.market.subjects import MarketOpening

CELL_DAY_KEY = ("region", "day", "subject")
#: Below the number of parameters that a statement may have in either database.
CHUNK = 5000
PAGE = 1000


async def keep_history(session: AsyncSession, partition: int, outcome: BatchOutcome, clock: Clock) -> None:
    """Write what a batch adds: the day that it ended, and the changes of openings. Writing it again changes nothing."""
    if outcome.ended is not None:
        await _keep_day(session, partition, outcome.ended)
        await _forget(session, partition, clock.today() - timedelta(days=KEPT_DAYS))
    await _keep_lives(session, partition, [taken for taken in outcome.taken if isinstance(taken.subject, MarketOpening)], clock)


async def _keep_day(session: AsyncSession, partition: int, ended: DayEnd) -> None:
    rows = [_day_row(partition, ended.day, cell) for cell in ended.cells]
    for start in range(0, len(rows), CHUNK):
        await upsert(session, CellDayRow, rows[start : start + CHUNK], CELL_DAY_KEY)


def _day_row(partition: int, day: date, cell: Cell) -> dict[str, Any]:
    counted = ("demand", "openings", "employers", "supply", "pipeline", "blocked")
    return {
        "region": cell.region,
        "day": day,
        "subject": cell.subject,
        "partition": partition,
        "level": cell.level.word,
        **{name: getattr(cell.measure, name) for name in counted},
        "source": Source.LIVE.value,
    }


async def _forget(session: AsyncSession, partition: int, before: date) -> None:
    days, lives = col(CellDayRow.day), OpeningLifeRow
    ended = func.coalesce(col(lives.filled_on), col(lives.closed_on), col(lives.closes_on))
    await session.exec(delete(CellDayRow).where(col(CellDayRow.partition) == partition, days < before))
    await session.exec(delete(OpeningLifeRow).where(col(lives.partition) == partition, ended < before))


async def _keep_lives(session: AsyncSession, partition: int, news: Sequence[TakenSubject], clock: Clock) -> None:
    """Follows the order of the events, so that an opening published and filled in one batch has a date of publication."""
    lives = await _lives_by_id(session, {taken.subject_id for taken in news})
    rows: dict[str, dict[str, Any]] = {}
    for taken in news:
        assert isinstance(taken.subject, MarketOpening)
        life = life_of(taken.subject, _day_of(taken.cause, clock), lives.get(taken.subject_id))
        lives[taken.subject_id] = life
        rows[taken.subject_id] = life_row(life, taken.region, partition)
    kept = list(rows.values())
    for start in range(0, len(kept), CHUNK):
        await upsert(session, OpeningLifeRow, kept[start : start + CHUNK], ["opening_id"])


def _day_of(event: Envelope, clock: Clock) -> date:
    """The market's date on which an event happened: today less the days since the event's own time. So neither a service that
    was down nor a market's date that differs from the machine's changes how long an opening waited."""
    return clock.today() - timedelta(days=max(0, (clock.date_of(clock.now()) - clock.date_of(event.time)).days))


async def _lives_by_id(session: AsyncSession, opening_ids: Iterable[str]) -> dict[str, OpeningLife]:
    wanted = sorted(opening_ids)
    found: dict[str, OpeningLife] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(OpeningLifeRow).where(col(OpeningLifeRow.opening_id).in_(wanted[start : start + CHUNK]))
        found |= {row.opening_id: _life(row) for row in (await session.exec(query)).all()}
    return found


def life_row(life: OpeningLife, region: str, partition: int) -> dict[str, Any]:
    """The row of an opening's life."""
    same = ("opening_id", "employer_id", "positions", "filled", "occupation", "wage")
    dates = ("published_on", "filled_on", "closed_on", "closes_on")
    return {name: getattr(life, name) for name in (*same, *dates)} | {
        "region": region,
        "partition": partition,
        "subjects": sorted(life.subjects),
        "source": life.source.value,
    }


def _life(row: Any) -> OpeningLife:
    return OpeningLife(
        opening_id=row.opening_id,
        employer_id=row.employer_id,
        subjects=frozenset(row.subjects),
        positions=row.positions,
        filled=row.filled,
        occupation=row.occupation,
        wage=row.wage,
        published_on=row.published_on,
        filled_on=row.filled_on,
        closed_on=row.closed_on,
        closes_on=row.closes_on,
        source=Source(row.source),
    )


async def region_history(session: AsyncSession, region: str, as_of: date, subject: str | None = None) -> RegionHistory:
    """What indicators of a region are drawn from: its days of 13 weeks, and its openings except those that ended too long ago;
    with a subject, only the openings that require it."""
    cells, market = await _days(session, region, as_of)
    openings = [life async for life in _lives(session, region, as_of, subject)]
    return RegionHistory(region=region, as_of=as_of, cells=cells, market=market, openings=tuple(openings))


async def _lives(session: AsyncSession, region: str, as_of: date, subject: str | None) -> AsyncIterator[OpeningLife]:
    """Reads by pages, so that the loop does other work in between: a large market has tens of thousands."""
    lives, opening_id = OpeningLifeRow.__table__.c, col(OpeningLifeRow.opening_id)  # type: ignore[attr-defined]
    ended = func.coalesce(lives.filled_on, lives.closed_on, lives.closes_on, as_of)
    query = select(*lives).where(lives.region == region, ended >= as_of - timedelta(days=WINDOW_DAYS)).order_by(opening_id)
    if subject is not None:
        query = query.where(cast(lives.subjects, String).contains(f'"{subject}"', autoescape=True))
    last = ""
    while page := (await session.exec(query.where(opening_id > last).limit(PAGE))).all():
        for each in page:
            yield _life(each)
        last = page[-1].opening_id


async def _days(
    session: AsyncSession, region: str, as_of: date
) -> tuple[Mapping[str, tuple[CellDay, ...]], Mapping[date, int]]:
    """Reads week by week, as openings are read page by page."""
    subject_column, day_column = col(CellDayRow.subject), col(CellDayRow.day)
    query = select(subject_column, day_column, col(CellDayRow.demand), col(CellDayRow.source))
    cells: dict[str, list[CellDay]] = {}
    market: dict[date, int] = {}
    for back in range(WEEKS, 0, -1):
        first = as_of - timedelta(weeks=back)
        of_week = query.where(CellDayRow.region == region, day_column >= first, day_column < first + timedelta(weeks=1))
        for subject, day, demand, source in (await session.exec(of_week)).all():
            cells.setdefault(subject, []).append(CellDay(day, demand, Source(source)))
            market[day] = market.get(day, 0) + demand
    return {subject: tuple(days) for subject, days in cells.items()}, market
