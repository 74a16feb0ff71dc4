"""What the matching service has told, as it is read: signals, matches of a learner, and totals."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import AwardRow, LearnerRow
from learners.adapters.market_tables import LearnerMatchRow, SignalRow, SignalTallyRow
from learners.domain.signal import ShortageSignal, SignalComponents
from makersync.http.pagination import Order, Page, PageRequest, page_of


@dataclass(frozen=True, slots=True)
class SignalFilter:
    region: str | None = None
    level: str | None = None
    subject_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    opening_id: str
    region: str
    live: bool
    score: int | None
    reason: str | None
    version: int


class MarketListings:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def signals(self, wanted: SignalFilter, page: PageRequest) -> Page[ShortageSignal]:
        statement = select(SignalRow)
        for column, value in (
            (col(SignalRow.region), wanted.region),
            (col(SignalRow.level), wanted.level),
            (col(SignalRow.subject_kind), wanted.subject_kind),
        ):
            statement = statement if value is None else statement.where(column == value)
        order = Order((col(SignalRow.region), col(SignalRow.subject)))
        return await page_of(self._session, statement, order, page, signal_of)

    async def signal(self, region: str, subject: str) -> ShortageSignal | None:
        row = await self._session.get(SignalRow, (region, subject))
        return None if row is None else signal_of(row)

    async def matches(self, learner_id: str, live: bool | None, page: PageRequest) -> Page[Match]:
        statement = select(LearnerMatchRow).where(col(LearnerMatchRow.learner_id) == learner_id)
        if live is not None:
            statement = statement.where(col(LearnerMatchRow.live) == live)
        return await page_of(self._session, statement, Order((col(LearnerMatchRow.opening_id),)), page, _match_of)

    async def live_matches(self, learner_id: str) -> int:
        statement = select(func.count()).where(
            col(LearnerMatchRow.learner_id) == learner_id, col(LearnerMatchRow.live).is_(True)
        )
        return (await self._session.exec(statement)).one()

    async def learners_by_seeking(self) -> Mapping[bool, int]:
        statement = select(LearnerRow.seeking, func.count()).group_by(col(LearnerRow.seeking))
        return dict((await self._session.exec(statement)).all())

    async def awards_by_status(self) -> Mapping[str, int]:
        statement = select(AwardRow.status, func.count()).group_by(col(AwardRow.status))
        return dict((await self._session.exec(statement)).all())

    async def signals_by_level(self) -> Mapping[str, int]:
        statement = select(SignalRow.level, func.count()).group_by(col(SignalRow.level))
        return dict((await self._session.exec(statement)).all())

    async def signals_by_kind(self) -> Mapping[str, int]:
        """Every signal that ever came, by its kind."""
        statement = select(SignalTallyRow.kind, func.sum(SignalTallyRow.total)).group_by(col(SignalTallyRow.kind))
        return {kind: int(total) for kind, total in (await self._session.exec(statement)).all()}


def signal_of(row: SignalRow) -> ShortageSignal:
    components = SignalComponents(
        row.demand,
        row.openings,
        row.employers,
        row.supply,
        row.supply_home,
        row.pipeline,
        row.blocked,
        row.tightness,
    )
    return ShortageSignal(
        region=row.region,
        subject=row.subject,
        kind=row.kind,
        level=row.level,
        components=components,
        top_credentials=tuple(row.top_credentials),
        indicators=row.indicators,
        policy_version=row.policy_version,
        day=row.day,
        at=row.at,
        version=row.version,
    )


def _match_of(row: LearnerMatchRow) -> Match:
    return Match(row.opening_id, row.region, row.live, row.score, row.reason, row.version)
