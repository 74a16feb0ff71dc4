"""The members of an organisation, and how one ceases to be one."""

from collections.abc import Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.recovery import end_recoveries
from makersync.members.second_step import forget_second_step
from makersync.members.tables import MemberInvitationRow, MemberRow, MemberSessionRow
from makersync.members.wishes import end_wishes
from makersync.store.activity import note_in


async def members_of(session: AsyncSession, organisation_id: str) -> Sequence[MemberRow]:
    """All of them, in the order in which they joined."""
    mine = select(MemberRow).where(MemberRow.organisation_id == organisation_id)
    return (await session.exec(mine.order_by(col(MemberRow.member_id)))).all()


async def remove_member(session: AsyncSession, clock: Clock, organisation_id: str, member_id: str) -> bool:
    """Forget the member and end all of its sessions and invitations. Returns False when the organisation has no such member."""
    this = (col(MemberRow.member_id) == member_id, col(MemberRow.organisation_id) == organisation_id)
    if (await session.exec(select(MemberRow.member_id).where(*this))).first() is None:
        return False
    await end_wishes(session, member_id)
    if (await session.exec(delete(MemberRow).where(*this))).rowcount == 0:
        return False
    await session.exec(delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member_id))
    await forget_second_step(session, member_id)
    await end_recoveries(session, member_id)
    await end_invitations_by(session, member_id)
    note_in(session, clock.now(), organisation_id, "member_removed", member_id)
    return True


async def end_invitations_by(session: AsyncSession, member_id: str) -> None:
    """The links that a member made, once the member looks after members no longer: an operator's in every organisation."""
    await session.exec(delete(MemberInvitationRow).where(col(MemberInvitationRow.invited_by) == member_id))
