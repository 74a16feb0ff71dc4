"""What the senders of a service find about their mail server: kept in the database, so that operators see it in any process."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table
from sqlmodel import func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.mail.states import MessageState
from makersync.mail.tables import MailMessageRow, MailServerRow
from makersync.store.upserts import insert_missing, upsert

#: The problem of a sender that has no mail server to send to.
NOT_SET_UP = "not_set_up"
_SERVER = cast(Table, MailServerRow.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class ServerState:
    """The problem by the name of an outcome, None without one; when that was found, None before a sender ran; and how
    many messages wait."""

    problem: str | None
    since: datetime | None
    waiting: int


async def keep_problem(session: AsyncSession, problem: str, now: datetime) -> None:
    """The time at which a problem began stays."""
    known = await session.get(MailServerRow, 1, populate_existing=True)
    since = known.since if known is not None and known.problem == problem else now
    await upsert(session, MailServerRow, [{"id": 1, "problem": problem, "since": since}], ["id"])


async def keep_set_up(session: AsyncSession, now: datetime) -> None:
    """There is a mail server now, whatever it says."""
    await session.exec(update(_SERVER).where(_SERVER.c.problem == NOT_SET_UP).values(problem=None, since=now))
    await insert_missing(session, MailServerRow, [{"id": 1, "problem": None, "since": now}], ["id"])


async def is_set_up(session: AsyncSession) -> bool:
    """Whether a sender of the service has a mail server, whatever that says. Other processes lack its settings."""
    row = await session.get(MailServerRow, 1)
    return row is not None and row.problem != NOT_SET_UP


async def keep_well(session: AsyncSession, now: datetime) -> None:
    """The mail server has taken a message."""
    changed = update(_SERVER).where(_SERVER.c.id == 1, _SERVER.c.problem.is_not(None)).values(problem=None, since=now)
    await session.exec(changed)
    if await session.get(MailServerRow, 1) is None:
        await upsert(session, MailServerRow, [{"id": 1, "problem": None, "since": now}], ["id"])


async def server_state(session: AsyncSession) -> ServerState:
    row = await session.get(MailServerRow, 1)
    pending = select(func.count()).where(MailMessageRow.state == MessageState.PENDING)
    waiting = (await session.exec(pending)).one()
    return ServerState(row.problem if row else None, row.since if row else None, waiting)
