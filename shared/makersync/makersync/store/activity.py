"""What is done in an organisation, by whom and when: noted in the transaction of the act itself.

Who acts is known to a session that a request has begun. Changes that are announced are noted by the outbox, through which all
of them go; what is announced to nobody is noted where it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.tables import ActivityRow

#: Where a request's scope has the `Acting`, and where a session has what returns it.
ACTING = "makersync.acting"
#: Whoever acts from outside the organisation on behalf of the platform.
PLATFORM = "operators"
FORGOTTEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts for which organisation. `actor` is `member:<id>` or `key:<id>`."""

    organisation_id: str
    actor: str


def acts_as(session: AsyncSession, acting: Callable[[], Acting | None]) -> None:
    """Who acts is asked when something is noted, since a page learns it within its transaction."""
    session.info[ACTING] = acting


def acting_in(session: AsyncSession) -> Acting | None:
    """None in a session of the service itself, and in that of an operator's key."""
    asked = session.info.get(ACTING)
    return asked() if asked is not None else None


def note_own(session: AsyncSession, at: datetime, action: str, subject: str, **detail: str) -> None:
    """An act in the organisation that acts; nothing is noted where none does."""
    acting = acting_in(session)
    if acting is not None:
        note(session, at, acting, action, subject, **detail)


def note_in(session: AsyncSession, at: datetime, organisation_id: str, action: str, subject: str, **detail: str) -> None:
    """An act in an organisation by whoever acts; by the platform unless that is somebody of the organisation."""
    acting = acting_in(session)
    is_own = acting is not None and acting.organisation_id == organisation_id
    actor = acting.actor if is_own and acting is not None else PLATFORM
    note(session, at, Acting(organisation_id, actor), action, subject, **detail)


def note(session: AsyncSession, at: datetime, acting: Acting, action: str, subject: str, **detail: str) -> None:
    session.add(
        ActivityRow(
            organisation_id=acting.organisation_id,
            at=at,
            actor=acting.actor,
            action=action,
            subject=subject,
            detail=detail,
        )
    )


async def forget_activity(session: AsyncSession, before: datetime) -> int:
    """Delete what was noted before, oldest first and at most FORGOTTEN_AT_ONCE; returns how many."""
    at = col(ActivityRow.at)
    old = select(ActivityRow.id).where(at < before).order_by(at).limit(FORGOTTEN_AT_ONCE)
    return (await session.exec(delete(ActivityRow).where(col(ActivityRow.id).in_(old)))).rowcount
