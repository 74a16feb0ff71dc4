"""How operators free an address, whoever signs in with it."""

from dataclasses import dataclass

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.address_holders import member_at
from makersync.members.identity_tables import MemberIdentityRow
from makersync.members.locking import locked_member
from makersync.members.mailing import drop_mail
from makersync.members.membership import remove_member
from makersync.members.second_step import has_second_step
from makersync.members.tables import MemberInvitationRow, MemberRow


@dataclass(frozen=True, slots=True)
class Held:
    """Who signs in with an address; without a member, nobody. `invitations` are those to it, of all organisations, and
    `ways_in` how the member signs in, in words. `only_role` is the member's role when nobody else of the organisation
    has it."""

    member_id: str | None
    organisation_id: str
    is_verified: bool
    invitations: int
    ways_in: tuple[str, ...] = ()
    only_role: str = ""


async def held(session: AsyncSession, key: str) -> Held:
    member = await member_at(session, key)
    mine = select(func.count()).select_from(MemberInvitationRow).where(col(MemberInvitationRow.address_key) == key)
    count = (await session.exec(mine)).one()
    if member is None:
        return Held(None, "", False, count)
    ways = await _ways_in(session, member)
    only = await _only_role(session, member)
    return Held(member.member_id, member.organisation_id, member.verified_at is not None, count, ways, only)


async def _only_role(session: AsyncSession, member: MemberRow) -> str:
    here = (MemberRow.organisation_id == member.organisation_id, MemberRow.role == member.role)
    another = select(MemberRow.member_id).where(*here, col(MemberRow.member_id) != member.member_id).limit(1)
    return member.role if (await session.exec(another)).first() is None else ""


async def _ways_in(session: AsyncSession, member: MemberRow) -> tuple[str, ...]:
    linked = select(MemberIdentityRow.issuer).where(MemberIdentityRow.member_id == member.member_id)
    issuers = (await session.exec(linked.order_by(col(MemberIdentityRow.issuer)))).all()
    ways = ["a password"] if member.password_hash else []
    ways += [f"an account at {issuer}" for issuer in issuers]
    return tuple(ways + (["a second step"] if await has_second_step(session, member.member_id) else []))


async def release(session: AsyncSession, clock: Clock, key: str, member_id: str | None) -> Held | None:
    """Remove the member and end the invitations, in a transaction; returns what was freed, and None, without any change, when
    it is another member than this one."""
    if member_id is not None:
        # Who is about to take another address must not be removed for the one before.
        await locked_member(session, member_id)
    found = await held(session, key)
    if found.member_id != member_id:
        return None
    if member_id is not None:
        await remove_member(session, clock, found.organisation_id, member_id)
    ended = delete(MemberInvitationRow).where(col(MemberInvitationRow.address_key) == key)
    ended_mail = (await session.exec(ended.returning(col(MemberInvitationRow.letter_id)))).scalars().all()
    await drop_mail(session, ended_mail)
    return found
