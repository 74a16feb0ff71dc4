"""Openings in the database, limited to those that the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from contracts.openings import RequirementGroupState
from contracts.vocabulary import OpeningStatus, Shift
from makersync.http.pagination import Order, Page, PageRequest, page_of
from openings.adapters.opening_events import PLAIN_TERMS, group_state, groups_of
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.search_terms import found_by, write_terms
from openings.domain.errors import NoSuchThing, VersionMismatch
from openings.domain.opening import Opening, Terms
from openings.domain.opening_remarks import Posting

#: A new opening is compared with at most this many of the employer's newest ones at the same place: copies are made soon after
#: the original.
MOST_COMPARED = 100
#: The fields that have the same name and form in an opening and in its row.
_PLAIN_FIELDS = (
    "opening_id",
    "employer_id",
    "region",
    "filled",
    "version",
    "groups_version",
    "published_at",
    "changed_at",
    "expiry_announced_for",
)


@dataclass(frozen=True, slots=True)
class OpeningFilter:
    """Which openings a list shows; None means any. An occupation without its last part stands for all its parts. `words` are
    those that words of the title begin with; they need the scope of one employer."""

    employer_id: str | None = None
    status: OpeningStatus | None = None
    region: str | None = None
    occupation: str | None = None
    words: str = ""


class OpeningRepository:
    """`scope` is the employer whose openings the caller may see; None means every employer."""

    def __init__(self, session: AsyncSession, scope: str | None) -> None:
        self._session = session
        self._scope = scope

    async def get(self, opening_id: str) -> Opening:
        """For reading. Raises NoSuchThing, also for another employer's opening."""
        return await self._one(self._visible().where(col(OpeningRow.opening_id) == opening_id))

    async def claim(self, opening_id: str) -> Opening:
        return await self._one(self._visible().where(col(OpeningRow.opening_id) == opening_id).with_for_update())

    async def add(self, opening: Opening) -> None:
        self._session.add(OpeningRow(**row_values(opening)))
        await self._session.flush()
        await write_title_terms(self._session, opening)

    async def save(self, opening: Opening) -> None:
        before = (col(OpeningRow.opening_id) == opening.opening_id, col(OpeningRow.version) == opening.version - 1)
        result = await self._session.exec(update(OpeningRow).where(*before).values(**row_values(opening)))
        if result.rowcount != 1:
            raise VersionMismatch
        await write_title_terms(self._session, opening)

    async def posted_at(self, employer_id: str, terms: Terms) -> Sequence[Posting]:
        same = (col(OpeningRow.employer_id) == employer_id, col(OpeningRow.zip).is_not_distinct_from(terms.zip))
        statement = self._visible().where(*same, col(OpeningRow.status) == OpeningStatus.OPEN.value)
        rows = await self._session.exec(statement.order_by(col(OpeningRow.opening_id).desc()).limit(MOST_COMPARED))
        return [Posting(opening.opening_id, opening.terms) for opening in map(opening_of, rows)]

    async def claim_expired(self, today: date, most: int) -> Sequence[Opening]:
        unannounced = or_(
            col(OpeningRow.expiry_announced_for).is_(None), col(OpeningRow.expiry_announced_for) != col(OpeningRow.closes_on)
        )
        expired = (col(OpeningRow.status) == OpeningStatus.OPEN.value, col(OpeningRow.closes_on) < today, unannounced)
        statement = self._visible().where(*expired).order_by(col(OpeningRow.opening_id)).limit(most)
        rows = await self._session.exec(statement.with_for_update(skip_locked=True))
        return [opening_of(row) for row in rows]

    async def claim_announced_too_early(self, today: date, most: int) -> Sequence[Opening]:
        announced = (col(OpeningRow.expiry_announced_for) == col(OpeningRow.closes_on), col(OpeningRow.closes_on) >= today)
        statement = self._visible().where(col(OpeningRow.status) == OpeningStatus.OPEN.value, *announced)
        rows = await self._session.exec(statement.order_by(col(OpeningRow.opening_id)).limit(most).with_for_update())
        return [opening_of(row) for row in rows]

    async def listed(self, wanted: OpeningFilter, page: PageRequest) -> Page[Opening]:
        """Newest first. Raises MalformedRequest when the cursor does not belong to this list."""
        statement = self._visible()
        exact = {"employer_id": wanted.employer_id, "status": wanted.status, "region": wanted.region}
        for name, value in exact.items():
            if value is not None:
                statement = statement.where(getattr(OpeningRow, name) == value)
        if wanted.occupation is not None:
            statement = statement.where(col(OpeningRow.occupation).startswith(wanted.occupation, autoescape=True))
        for found in found_by(self._scope, wanted.words) if self._scope is not None else ():
            statement = statement.where(col(OpeningRow.opening_id).in_(found))
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


async def write_title_terms(session: AsyncSession, opening: Opening) -> None:
    """The opening is found by its title."""
    await write_terms(session, opening.employer_id, opening.opening_id, opening.terms.title)


def row_values(opening: Opening) -> dict[str, Any]:
    """The columns of the opening's row."""
    terms = opening.terms
    return {
        **{name: getattr(terms, name) for name in PLAIN_TERMS},
        **{name: getattr(opening, name) for name in _PLAIN_FIELDS},
        "status": opening.status.value,
        "shifts": [shift.value for shift in terms.shifts],
        "groups": [group_state(group).model_dump(mode="json") for group in terms.groups],
    }


def opening_of(row: OpeningRow) -> Opening:
    terms = Terms(
        **{name: getattr(row, name) for name in PLAIN_TERMS},
        shifts=tuple(Shift(shift) for shift in row.shifts),
        groups=groups_of(RequirementGroupState.model_validate(group) for group in row.groups),
    )
    return Opening(terms=terms, status=OpeningStatus(row.status), **{name: getattr(row, name) for name in _PLAIN_FIELDS})
