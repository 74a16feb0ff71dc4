"""The way back for whoever has forgotten the password: a link by mail, which works once and for an hour."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.claims import end_claims
from makersync.members.locking import locked_member
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.second_step import has_second_step
from makersync.members.tables import MemberRow, MemberSessionRow, RecoveryRow
from makersync.members.unlinking import unlink_identities
from makersync.store.activity import Acting, note
from makersync.store.actors import member_actor

RECOVERY = timedelta(hours=1)
RECOVER_PATH = "/recover"
#: Links of one member that are of use at the same time.
_KEPT = 2


class Recoveries:
    """In one database session, which has to be a transaction for everything but `member`."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "recovery link")

    async def issue(self, member_id: str) -> str:
        """The token of a new link. The one before stays of use, since whoever asks again may open either; older ones end."""
        mine = select(RecoveryRow.digest).where(RecoveryRow.member_id == member_id)
        older = (await self._session.exec(mine.order_by(col(RecoveryRow.until).desc()).offset(_KEPT - 1))).all()
        await self._session.exec(delete(RecoveryRow).where(col(RecoveryRow.digest).in_(older)))
        token, until = new_token(), self._clock.now() + RECOVERY
        self._session.add(RecoveryRow(digest=self._hashes.of(token), member_id=member_id, until=until))
        await self._session.flush()
        return token

    async def member(self, token: str) -> MemberRow | None:
        """Whose password the link sets; None when it is unknown, was used or is too old."""
        if len(token) > LONGEST_TOKEN:
            return None
        both = select(MemberRow).join(RecoveryRow, col(RecoveryRow.member_id) == col(MemberRow.member_id))
        mine = (RecoveryRow.digest == self._hashes.of(token), col(RecoveryRow.until) > self._clock.now())
        return (await self._session.exec(both.where(*mine))).first()

    async def use(self, token: str, password_hash: str) -> bool:
        """Set the password, end all sessions and unlink the account at a provider, which whoever planted the address may have
        linked; the second step stays as it is. Whoever has the link reads the mail of the
        address, which is verified by that, unless a second step keeps them from signing in: whoever planted the address may
        have set it up. Returns False when the link is of no use."""
        found = await self.member(token)
        member = None if found is None else await locked_member(self._session, found.member_id)
        mine = col(RecoveryRow.digest) == self._hashes.of(token)
        if member is None or (await self._session.exec(delete(RecoveryRow).where(mine))).rowcount == 0:
            return False
        await end_recoveries(self._session, member.member_id)
        member.password_hash = password_hash
        await self._session.exec(delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member.member_id))
        await PendingSignIns.end_all(self._session, member.member_id)
        await end_claims(self._session, member.member_id)
        await unlink_identities(self._session, member.member_id)
        if not await has_second_step(self._session, member.member_id):
            member.verified_at = member.verified_at or self._clock.now()
        own = Acting(member.organisation_id, member_actor(member.member_id))
        note(self._session, self._clock.now(), own, "password_recovered", member.member_id)
        return True

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the links that are too old; returns how many."""
        return (await session.exec(delete(RecoveryRow).where(col(RecoveryRow.until) <= now))).rowcount


async def end_recoveries(session: AsyncSession, member_id: str) -> None:
    await session.exec(delete(RecoveryRow).where(col(RecoveryRow.member_id) == member_id))
