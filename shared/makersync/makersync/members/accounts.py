"""What members change of their own account."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict
from makersync.members.claims import end_claims
from makersync.members.locking import locked_member
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.recovery import end_recoveries
from makersync.members.sessions import Sessions, SignedIn
from makersync.members.tables import MemberRow
from makersync.store.activity import note_own


async def change_name(session: AsyncSession, clock: Clock, signed_in: SignedIn, name: str) -> None:
    (await session.get_one(MemberRow, signed_in.member_id)).name = name
    note_own(session, clock.now(), "name_changed", signed_in.member_id)


async def demand_unchanged(session: AsyncSession, signed_in: SignedIn, compared: str) -> MemberRow:
    """The member, whom nobody changes or signs in until the transaction ends. Raises Conflict when the password or the role is
    another meanwhile: `compared` is the hash that the present password was compared with."""
    member = await locked_member(session, signed_in.member_id)
    if member is None or (member.password_hash, member.role) != (compared, signed_in.role):
        raise Conflict("account_changed", "Your account was changed at this moment. Sign in again if this page asks you to.")
    return member


async def change_password(
    session: AsyncSession, sessions: Sessions, signed_in: SignedIn, compared: str, password_hash: str
) -> None:
    """Whoever is signed in elsewhere with the password before is signed out. Raises Conflict as `demand_unchanged` does."""
    (await demand_unchanged(session, signed_in, compared)).password_hash = password_hash
    await session.flush()
    note_own(session, sessions.now(), "password_changed", signed_in.member_id)
    await sign_out_elsewhere(session, sessions, signed_in)


async def sign_out_elsewhere(session: AsyncSession, sessions: Sessions, signed_in: SignedIn) -> None:
    """End the other sessions of the member, signing in that is half done, and links to a new password or another address."""
    # Whoever signs in at this moment locks the member too: either the session is there already, or it begins after the change.
    await locked_member(session, signed_in.member_id)
    await sessions.end_others(signed_in)
    await PendingSignIns.end_all(session, signed_in.member_id)
    await end_recoveries(session, signed_in.member_id)
    await end_claims(session, signed_in.member_id)
