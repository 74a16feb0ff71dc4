"""The members of an organisation, and how one is removed from it."""

from collections.abc import Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.claims import end_claims
from makersync.members.mailing import drop_mail, forget_mail_of
from makersync.members.recovery import end_recoveries
from makersync.members.recovery_requests import end_recovery_requests
from makersync.members.second_step import forget_second_step
from makersync.members.tables import MemberInvitationRow, MemberRow, MemberSessionRow
from makersync.members.unlinking import unlink_identities
from makersync.store.activity import Acting, note, note_in


async def members_of(session: AsyncSession, organisation_id: str) -> Sequence[MemberRow]:
    """All of them, in the order in which they joined."""
    mine = select(MemberRow).where(MemberRow.organisation_id == organisation_id)
    return (await session.exec(mine.order_by(col(MemberRow.member_id)))).all()


async def remove_member(
    session: AsyncSession,
    clock: Clock,
    organisation_id: str,
    member_id: str,
    action: str = "member_removed",
    acting: Acting | None = None,
) -> bool:
    """Forget the member and end all of its sessions and invitations. It is noted as an `action` of whoever acts, which is the
    one of the session unless `acting` says otherwise. Returns False when the organisation has no such member."""
    this = (col(MemberRow.member_id) == member_id, col(MemberRow.organisation_id) == organisation_id)
    key = (await session.exec(select(MemberRow.address_key).where(*this))).first()
    if key is None:
        return False
    await end_recovery_requests(session, member_id)
    if (await session.exec(delete(MemberRow).where(*this))).rowcount == 0:
        return False
    await session.exec(delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member_id))
    await forget_second_step(session, member_id)
    await unlink_identities(session, member_id)
    await end_recoveries(session, member_id)
    await end_claims(session, member_id)
    await end_invitations_by(session, member_id)
    await forget_mail_of(session, organisation_id, member_id, key)
    if acting is None:
        note_in(session, clock.now(), organisation_id, action, member_id)
    else:
        note(session, clock.now(), acting, action, member_id)
    return True


async def end_invitations_by(session: AsyncSession, member_id: str) -> None:
    """The links that a member made, once the member looks after members no longer: an operator's in every organisation."""
    mine = delete(MemberInvitationRow).where(col(MemberInvitationRow.invited_by) == member_id)
    await drop_mail(session, (await session.exec(mine.returning(col(MemberInvitationRow.letter_id)))).scalars().all())
