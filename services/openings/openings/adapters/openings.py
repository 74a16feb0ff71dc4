"""Openings in the database, within what the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from contracts.topics import OPENING
from makersync.effects.outbox import NewEvent, Outbox
from makersync.http.pagination import Order, Page, PageRequest, page_of
from openings.adapters.opening_rows import opening_of, opening_state, values_of
from openings.adapters.tables import OpeningRow
from openings.domain.life import Change
from openings.domain.opening import Opening, Status, Terms
from openings.domain.refusals import NoSuchThing, VersionMismatch
from openings.domain.remarks import Posting

#: Postings of one place that a new one is compared with: a copy is made soon after its original.
MOST_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which openings a list shows; None: any. An occupation without its last part means all its parts."""

    employer_id: str | None = None
    status: Status | None = None
    region: str | None = None
    occupation: str | None = None


class OpeningRepository:
    """`scope` is the employer whose openings exist for the caller; None: every employer's."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, opening_id: str) -> Opening:
        """Raises NotFound, for another employer's too."""
        return await self._one(self._visible().where(col(OpeningRow.opening_id) == opening_id))

    async def claim(self, opening_id: str) -> Opening:
        return await self._one(self._visible().where(col(OpeningRow.opening_id) == opening_id).with_for_update())

    async def add(self, opening: Opening) -> None:
        self._session.add(OpeningRow(**values_of(opening)))
        await self._session.flush()

    async def save(self, opening: Opening) -> None:
        before = (col(OpeningRow.opening_id) == opening.opening_id, col(OpeningRow.version) == opening.version - 1)
        result = await self._session.exec(update(OpeningRow).where(*before).values(**values_of(opening)))
        if result.rowcount != 1:
            raise VersionMismatch

    async def posted_at(self, employer_id: str, terms: Terms) -> Sequence[Posting]:
        same = (col(OpeningRow.employer_id) == employer_id, col(OpeningRow.zip).is_not_distinct_from(terms.zip))
        statement = self._visible().where(*same, col(OpeningRow.status) == Status.OPEN.value)
        rows = await self._session.exec(statement.order_by(col(OpeningRow.opening_id).desc()).limit(MOST_COMPARED))
        return [Posting(opening.opening_id, opening.terms) for opening in map(opening_of, rows)]

    async def past_closing(self, today: date, most: int) -> Sequence[Opening]:
        """Rows that another process holds are left to it."""
        untold = or_(col(OpeningRow.expiry_told).is_(None), col(OpeningRow.expiry_told) != col(OpeningRow.closes_on))
        passed = (col(OpeningRow.status) == Status.OPEN.value, col(OpeningRow.closes_on) < today, untold)
        statement = self._visible().where(*passed).order_by(col(OpeningRow.opening_id)).limit(most)
        rows = await self._session.exec(statement.with_for_update(skip_locked=True))
        return [opening_of(row) for row in rows]

    async def told_too_early(self, today: date, most: int) -> Sequence[Opening]:
        told = (col(OpeningRow.expiry_told) == col(OpeningRow.closes_on), col(OpeningRow.closes_on) >= today)
        statement = (
            self._visible().where(col(OpeningRow.status) == Status.OPEN.value, *told).order_by(col(OpeningRow.opening_id))
        )
        rows = await self._session.exec(statement.limit(most).with_for_update())
        return [opening_of(row) for row in rows]

    async def listed(self, wanted: Wanted, page: PageRequest) -> Page[Opening]:
        """Newest first. Raises MalformedRequest when the cursor is not one of this list."""
        statement = self._visible()
        exact = {"employer_id": wanted.employer_id, "status": wanted.status, "region": wanted.region}
        for name, value in exact.items():
            if value is not None:
                statement = statement.where(getattr(OpeningRow, name) == value)
        if wanted.occupation is not None:
            statement = statement.where(col(OpeningRow.occupation).startswith(wanted.occupation, autoescape=True))
        order = Order((col(OpeningRow.opening_id),), newest_first=True)
        return await page_of(self._session, statement, order, page, opening_of)

    async def _one(self, statement: SelectOfScalar[OpeningRow]) -> Opening:
        row = (await self._session.exec(statement)).one_or_none()
        if row is None:
            raise NoSuchThing("opening")
        return opening_of(row)

    def _visible(self) -> SelectOfScalar[OpeningRow]:
        everything = select(OpeningRow)
        return everything if self._scope is None else everything.where(col(OpeningRow.employer_id) == self._scope)


class OutboxAnnouncements:
    """Announces changes of openings through the outbox of the same transaction."""

    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def record(self, change: Change) -> None:
        opening = change.opening
        event = NewEvent(
            topic=OPENING,
            kind=change.happened.value,
            subject=opening.opening_id,
            region=opening.region,
            version=opening.version,
            state=opening_state(opening),
        )
        await self._outbox.record(self._session, [event])
