"""The way back for whoever has forgotten the password: a link by mail, which works once and for an hour."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.half_way import HalfSignIns
from makersync.members.hashing import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.tables import MemberRow, MemberSessionRow, RecoveryRow
from makersync.store.activity import Acting, note

RECOVERY = timedelta(hours=1)
RECOVER_PATH = "/recover"


class Recoveries:
    """In one database session, which has to be a transaction for everything but `member`."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "recovery link")

    async def issue(self, member_id: str) -> str:
        """The token of a new link; the one before is of no use any more."""
        await end_recoveries(self._session, member_id)
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
        """Set the password and end all sessions; the second step stays as it is. Returns False when the link is of no use."""
        found = await self.member(token)
        mine = col(RecoveryRow.digest) == self._hashes.of(token)
        if found is None or (await self._session.exec(delete(RecoveryRow).where(mine))).rowcount == 0:
            return False
        member = await self._session.get(MemberRow, found.member_id, with_for_update=True, populate_existing=True)
        if member is None:
            return False
        member.password_hash = password_hash
        await self._session.exec(delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member.member_id))
        await HalfSignIns.end_all(self._session, member.member_id)
        own = Acting(member.organisation_id, f"member:{member.member_id}")
        note(self._session, self._clock.now(), own, "password_recovered", member.member_id)
        return True

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the links that are too old; returns how many."""
        return (await session.exec(delete(RecoveryRow).where(col(RecoveryRow.until) <= now))).rowcount


async def end_recoveries(session: AsyncSession, member_id: str) -> None:
    await session.exec(delete(RecoveryRow).where(col(RecoveryRow.member_id) == member_id))
