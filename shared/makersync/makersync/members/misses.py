"""Slows down whoever guesses passwords, for a member's address and from an address of the network alike."""

from datetime import datetime, timedelta
from math import ceil

from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import TooManyRequests
from makersync.members.hashing import KeyedHashes
from makersync.members.tables import SignInMissesRow

#: Within the window, which begins with the first miss. Several people may share an address of the network.
WINDOW = timedelta(minutes=15)
MOST_OF_MEMBER, MOST_OF_PEER = 10, 100


class SignInMisses:
    """Kept in the database, since any process may be asked next."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "sign-in misses")

    async def demand_room(self, address_key: str, peer: str) -> None:
        """Raises TooManyRequests."""
        for whom, most in self._both(address_key, peer):
            row = await self._session.get(SignInMissesRow, whom)
            if row is not None and row.misses >= most and (left := row.since + WINDOW - self._clock.now()) > timedelta():
                detail = "Signing in failed too often. Wait a quarter of an hour, or ask an administrator of your organisation."
                raise TooManyRequests("sign_in_misses", detail, retry_after=ceil(left.total_seconds()))

    async def count(self, address_key: str, peer: str) -> None:
        """Before the password is compared, so that many attempts at once are counted too."""
        now = self._clock.now()
        for whom, _ in self._both(address_key, peer):
            row = await self._session.get(SignInMissesRow, whom, with_for_update=True)
            if row is None:
                self._session.add(SignInMissesRow(whom=whom, since=now, misses=1))
            elif row.since + WINDOW <= now:
                row.since, row.misses = now, 1
            else:
                row.misses += 1
        await self._session.flush()

    async def forgive(self, address_key: str, peer: str) -> None:
        """After the right password: the member's own misses count no more, those of others on the network still do."""
        (member, _), (network, _) = self._both(address_key, peer)
        await self._session.exec(delete(SignInMissesRow).where(col(SignInMissesRow.whom) == member))
        same = (col(SignInMissesRow.whom) == network, col(SignInMissesRow.misses) > 0)
        await self._session.exec(update(SignInMissesRow).where(*same).values(misses=SignInMissesRow.misses - 1))

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the misses that are too old to count; returns how many."""
        return (await session.exec(delete(SignInMissesRow).where(col(SignInMissesRow.since) <= now - WINDOW))).rowcount

    def _both(self, address_key: str, peer: str) -> tuple[tuple[str, int], ...]:
        """In this order everywhere, so that two requests cannot wait for each other."""
        hashes = self._hashes
        return (hashes.of(f"member {address_key}"), MOST_OF_MEMBER), (hashes.of(f"peer {peer}"), MOST_OF_PEER)
