"""Demand as a provider looks at it: the cells of its regions, what is most blocked first, and how many of its learners are one
credential away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import LearnerRow
from learners.adapters.pathway_tables import PathwayCredentialRow
from learners.adapters.provider_region_tables import ProviderRegionRow
from learners.adapters.signal_repository import signal_of
from learners.adapters.signal_tables import SignalRow
from learners.adapters.statements import equal
from learners.domain.signal import GUARDED, ShortageSignal
from makersync.http.pagination import Order, Page, PageRequest, page_of

_MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class DemandFilter:
    """`level` None: every level but that of the evidence guard, under which nothing is shown."""

    regions: tuple[str, ...]
    kind: str | None = None
    level: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ForemostCell:
    """The cell that stands for its region. Under the evidence guard it is any of them, and has neither name nor figures.
    `demand` in thousandths of positions."""

    region: str
    level: str
    subject: str | None = None
    demand: int | None = None
    supply: int | None = None


async def regions_of(session: AsyncSession, provider_id: str) -> Sequence[str]:
    """The regions in which the provider has or had learners or cohorts."""
    mine = col(ProviderRegionRow.provider_id) == provider_id
    return (await session.exec(select(ProviderRegionRow.region).where(mine).order_by(col(ProviderRegionRow.region)))).all()


async def list_demand(session: AsyncSession, wanted: DemandFilter, page: PageRequest) -> Page[ShortageSignal]:
    """Where most positions are blocked first, then by region and subject."""
    # Under the evidence guard the place would tell what is not shown.
    place = case((col(SignalRow.level) == GUARDED, 0), else_=-col(SignalRow.blocked)).label("place")
    cells: Any = _within(select(SignalRow.region, SignalRow.subject, place), wanted).subquery()
    order = Order((cells.c.place, cells.c.region, cells.c.subject))
    found: Page[Any] = await page_of(session, select(*cells.c), order, page, lambda row: row)
    keys = [(row.region, row.subject) for row in found.items]
    here = tuple_(col(SignalRow.region), col(SignalRow.subject)).in_(keys)
    rows = {(row.region, row.subject): row for row in (await session.exec(select(SignalRow).where(here))).all()}
    return Page[Any](items=[signal_of(rows[key]) for key in keys], next_cursor=found.next_cursor)


async def foremost_cells(session: AsyncSession, wanted: DemandFilter) -> Mapping[str, ForemostCell]:
    """Of each region the cell that comes first in the list, by region."""
    region, subject, blocked = col(SignalRow.region), col(SignalRow.subject), col(SignalRow.blocked)
    if wanted.level == GUARDED:
        guarded = (await session.exec(_within(select(region), wanted).distinct())).all()
        return {each: ForemostCell(each, GUARDED) for each in guarded}
    most: Any = _within(select(region, func.max(blocked).label("most")), wanted).group_by(region).subquery()
    is_most = (region == most.c.region) & (blocked == most.c.most)
    first: Any = select(region, func.min(subject).label("subject")).join(most, is_most)
    first = _within(first, wanted).group_by(region).subquery()
    shown: tuple[Any, ...] = (region, SignalRow.level, subject, SignalRow.demand, SignalRow.supply)
    found: Any = select(*shown).join(first, (region == first.c.region) & (subject == first.c.subject))
    return {row[0]: ForemostCell(*row) for row in (await session.exec(found)).all()}


async def subjects_of(session: AsyncSession, regions: Collection[str], kind: str | None) -> Sequence[str]:
    """The subjects of which the regions have figures, of one kind or of both."""
    subject = col(SignalRow.subject)
    statement = _within(select(subject), DemandFilter(tuple(regions), kind)).distinct().order_by(subject)
    found: Sequence[str] = (await session.exec(statement)).all()
    return found


def _within(statement: Any, wanted: DemandFilter) -> Any:
    level = col(SignalRow.level)
    statement = statement.where(col(SignalRow.region).in_(wanted.regions))
    statement = statement.where(level != GUARDED if wanted.level is None else level == wanted.level)
    return equal(equal(statement, col(SignalRow.subject_kind), wanted.kind), col(SignalRow.subject), wanted.subject)


async def newest_signal(session: AsyncSession, regions: Collection[str]) -> datetime | None:
    """When the newest signal of the regions was published; None when there is none."""
    statement = select(func.max(SignalRow.at)).where(col(SignalRow.region).in_(regions))
    return (await session.exec(statement)).one()


async def learners_by_credential(
    session: AsyncSession, provider_id: str, regions: Collection[str], credentials: Collection[str]
) -> Mapping[tuple[str, str], int]:
    """How many of the provider's own learners each credential alone would qualify for openings of the region."""
    region, credential = col(PathwayCredentialRow.region), col(PathwayCredentialRow.credential)
    statement: Any = select(region, credential, func.count()).where(
        credential.in_(credentials), region.in_(regions), *_of_provider(provider_id)
    )
    rows = (await session.exec(statement.group_by(region, credential))).all()
    return {(where, what): number for where, what, number in rows}


async def named_openings(session: AsyncSession, provider_id: str, region: str, credentials: Collection[str]) -> set[str]:
    """The ids of openings of the region that the credentials would open to learners of the provider."""
    here = (col(PathwayCredentialRow.region) == region, col(PathwayCredentialRow.credential).in_(credentials))
    statement = select(PathwayCredentialRow.openings).where(*here, *_of_provider(provider_id)).limit(_MOST_NAMED)
    return {opening_id for named in (await session.exec(statement)).all() for opening_id in named or ()}


def _of_provider(provider_id: str) -> tuple[Any, ...]:
    """What keeps tenants apart: entries of the provider's own learners."""
    own = select(LearnerRow.learner_id).where(col(LearnerRow.provider_id) == provider_id)
    return (col(PathwayCredentialRow.learner_id).in_(own),)
