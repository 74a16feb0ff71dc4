"""How members cease to sign in at an OpenID provider."""

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.members.identity_tables import MemberIdentityRow


async def unlink_identities(session: AsyncSession, member_id: str) -> int:
    """The member signs in with no account of a provider any more; returns how many there were."""
    return (await session.exec(delete(MemberIdentityRow).where(col(MemberIdentityRow.member_id) == member_id))).rowcount


async def are_identities_left(session: AsyncSession) -> bool:
    """Whether anybody has linked an account, for a deployment that has no provider now."""
    linked = select(MemberIdentityRow.member_id).where(col(MemberIdentityRow.issuer) > "").limit(1)
    return (await session.exec(linked)).first() is not None
