"""The lock that whoever changes a member, or signs it in, takes before any other of the member's rows."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.members.tables import MemberRow


async def locked_member(session: AsyncSession, member_id: str) -> MemberRow | None:
    """The member as of now: whoever changes the password at this moment, or removes the member, waits, or is waited for."""
    return await session.get(MemberRow, member_id, with_for_update=True, populate_existing=True)
