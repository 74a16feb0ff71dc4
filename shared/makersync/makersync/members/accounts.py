"""What members change of their own account."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.half_way import HalfSignIns
from makersync.members.recovery import end_recoveries
from makersync.members.sessions import Sessions, SignedIn
from makersync.members.tables import MemberRow
from makersync.store.activity import note_own


async def change_name(session: AsyncSession, clock: Clock, signed_in: SignedIn, name: str) -> None:
    (await session.get_one(MemberRow, signed_in.member_id)).name = name
    note_own(session, clock.now(), "name_changed", signed_in.member_id)


async def change_password(session: AsyncSession, sessions: Sessions, signed_in: SignedIn, password_hash: str) -> None:
    """Whoever is signed in elsewhere with the password before is signed out."""
    await sign_out_elsewhere(session, sessions, signed_in)
    (await session.get_one(MemberRow, signed_in.member_id)).password_hash = password_hash
    note_own(session, sessions.now(), "password_changed", signed_in.member_id)


async def sign_out_elsewhere(session: AsyncSession, sessions: Sessions, signed_in: SignedIn) -> None:
    """End the other sessions of the member, and signing in that is half done, and links to a new password."""
    # Whoever signs in at this moment locks the member too: either the session is there already, or it begins after the change.
    await session.get(MemberRow, signed_in.member_id, with_for_update=True)
    await sessions.end_others(signed_in)
    await HalfSignIns.end_all(session, signed_in.member_id)
    await end_recoveries(session, signed_in.member_id)
