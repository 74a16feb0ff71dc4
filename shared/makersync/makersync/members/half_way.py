"""Browsers between the two steps of signing in: the password was right, and there is no session yet."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.hashing import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.tables import HalfSignInRow, MemberRow

#: So long a browser may take to give the code.
HALF_WAY = timedelta(minutes=10)


class HalfSignIns:
    """In one database session."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "half sign-in")

    async def begin(self, member_id: str) -> str:
        """The token that the browser keeps."""
        token = new_token()
        row = HalfSignInRow(digest=self._hashes.of(token), member_id=member_id, until=self._clock.now() + HALF_WAY)
        self._session.add(row)
        await self._session.flush()
        return token

    async def member(self, token: str) -> str | None:
        """Whose password was given; None when that is too long ago, or was never."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            return None
        whose = select(HalfSignInRow.member_id).join(MemberRow, col(MemberRow.member_id) == col(HalfSignInRow.member_id))
        mine = (HalfSignInRow.digest == self._hashes.of(token), col(HalfSignInRow.until) > self._clock.now())
        return (await self._session.exec(whose.where(*mine))).first()

    async def end(self, token: str) -> bool:
        """Whether this was the one that ended it."""
        mine = col(HalfSignInRow.digest) == self._hashes.of(token)
        return (await self._session.exec(delete(HalfSignInRow).where(mine))).rowcount == 1

    @staticmethod
    async def end_all(session: AsyncSession, member_id: str) -> None:
        """After another password was set."""
        await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.member_id) == member_id))

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete those that took too long; returns how many."""
        return (await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.until) <= now))).rowcount
