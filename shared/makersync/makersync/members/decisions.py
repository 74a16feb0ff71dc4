"""Reads what operators decided in a service: dead letters, keys, organisations, policy, on pages and on the host."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.exports import Row, Table
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.members.offer import OPERATORS
from makersync.members.tables import MemberRow
from makersync.store.tables import AuditRow

DECISIONS = Table(
    "decisions",
    "What operators decided, oldest first.",
    {
        "at": "UTC instant",
        "actor": "who: the id of an operator or of a key, or a name on the host",
        "name": "the actor in words",
        "action": "what was done",
        "subject": "what it was about",
        "detail": "what else is to be said, such as the reason",
    },
)
_NEWEST_FIRST = Order((col(AuditRow.id),), newest_first=True)
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class OperatorDecision:
    """`who` is the operator's name, or else the actor as it was noted."""

    at: datetime
    actor: str
    who: str
    action: str
    subject: str
    detail: Mapping[str, str]

    @property
    def words(self) -> str:
        """`Dead letter dismissed`."""
        return self.action.replace("_", " ").replace(".", " ").capitalize()


async def listed_decisions(session: AsyncSession, page: PageRequest) -> Page[OperatorDecision]:
    """Newest first. Raises MalformedRequest naming `cursor`."""
    found: Page[AuditRow] = await page_of(session, select(AuditRow), _NEWEST_FIRST, page, lambda row: row)
    names = await _names(session, {row.actor for row in found.items})
    return found.map(lambda row: _decision(row, names))


async def decision_rows(session: AsyncSession) -> AsyncIterator[Row]:
    """All of them, oldest first, as rows of a file."""
    last = 0
    while True:
        later = select(AuditRow).where(col(AuditRow.id) > last).order_by(col(AuditRow.id)).limit(_ROWS_AT_ONCE)
        some: Sequence[AuditRow] = (await session.exec(later)).all()
        names = await _names(session, {row.actor for row in some})
        for each in (_decision(row, names) for row in some):
            detail = ", ".join(f"{name}: {value}" for name, value in each.detail.items())
            yield each.at, each.actor, each.who, each.action, each.subject, detail
        if len(some) < _ROWS_AT_ONCE:
            return
        last = some[-1].id or 0


async def _names(session: AsyncSession, actors: Collection[str]) -> Mapping[str, str]:
    operators = select(MemberRow.member_id, MemberRow.name).where(
        col(MemberRow.member_id).in_(actors), MemberRow.organisation_id == OPERATORS
    )
    return dict((await session.exec(operators)).all())


def _decision(row: AuditRow, names: Mapping[str, str]) -> OperatorDecision:
    detail = {name: _in_words(value) for name, value in row.detail.items() if value is not None}
    return OperatorDecision(row.at, row.actor, names.get(row.actor, row.actor), row.action, row.subject, detail)


def _in_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
