"""Sign-ins that wait for their second step: the password was right, and there is no session yet."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.tables import MemberRow, PendingSignInRow

#: So long a browser may take to give the code.
LONGEST_PENDING = timedelta(minutes=10)


class PendingSignIns:
    """In one database session."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "half sign-in")

    async def begin(self, member_id: str) -> str:
        """The token that the browser keeps."""
        token = new_token()
        row = PendingSignInRow(digest=self._hashes.of(token), member_id=member_id, until=self._clock.now() + LONGEST_PENDING)
        self._session.add(row)
        await self._session.flush()
        return token

    async def member(self, token: str) -> str | None:
        """Whose password was given; None when that is too long ago, or was never."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            return None
        whose = select(PendingSignInRow.member_id).join(MemberRow, col(MemberRow.member_id) == col(PendingSignInRow.member_id))
        mine = (PendingSignInRow.digest == self._hashes.of(token), col(PendingSignInRow.until) > self._clock.now())
        return (await self._session.exec(whose.where(*mine))).first()

    async def end(self, token: str) -> bool:
        """Whether this was the one that ended it."""
        mine = col(PendingSignInRow.digest) == self._hashes.of(token)
        return (await self._session.exec(delete(PendingSignInRow).where(mine))).rowcount == 1

    @staticmethod
    async def end_all(session: AsyncSession, member_id: str) -> None:
        """After another password was set."""
        await session.exec(delete(PendingSignInRow).where(col(PendingSignInRow.member_id) == member_id))

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete those that took too long; returns how many."""
        return (await session.exec(delete(PendingSignInRow).where(col(PendingSignInRow.until) <= now))).rowcount
