"""What members change of their own account."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.members.half_way import HalfSignIns
from makersync.members.sessions import Sessions, SignedIn
from makersync.members.tables import MemberRow


async def change_name(session: AsyncSession, signed_in: SignedIn, name: str) -> None:
    (await session.get_one(MemberRow, signed_in.member_id)).name = name


async def change_password(session: AsyncSession, sessions: Sessions, signed_in: SignedIn, password_hash: str) -> None:
    """Whoever is signed in elsewhere with the password before is signed out."""
    (await session.get_one(MemberRow, signed_in.member_id)).password_hash = password_hash
    await sign_out_elsewhere(session, sessions, signed_in)


async def sign_out_elsewhere(session: AsyncSession, sessions: Sessions, signed_in: SignedIn) -> None:
    """End the other sessions of the member, and signing in that is half done."""
    await sessions.end_others(signed_in)
    await HalfSignIns.end_all(session, signed_in.member_id)
