"""Slows down whoever guesses passwords, for a member's address and from an address of the network alike."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import KeyedHashes
from makersync.http.problems import TooManyRequests
from makersync.members.tables import SignInMissesRow
from makersync.store.upserts import insert_missing

#: Within the window, which begins with the first miss. Several people may share an address of the network.
WINDOW = timedelta(minutes=15)
MOST_OF_MEMBER, MOST_OF_PEER = 10, 100
_TOO_OFTEN = "Too many attempts. Try again in a quarter of an hour."


class SignInMisses:
    """Kept in the database, since any process may be asked next."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._hashes = KeyedHashes(pepper, "sign-in misses")

    async def count(self, address_key: str, peer: str) -> None:
        """Count an attempt, before the password is compared, so that many at once are counted too. Raises TooManyRequests."""
        now, both = self._clock.now(), dict(self._both(address_key, peer))
        new = [{"whom": whom, "since": now, "misses": 0} for whom in sorted(both)]
        await insert_missing(self._session, SignInMissesRow, new, ["whom"])
        for row in await self._locked(both):
            if row.since + WINDOW <= now:
                row.since, row.misses = now, 0
            if row.misses >= both[row.whom]:
                raise TooManyRequests(
                    "sign_in_misses", _TOO_OFTEN, retry_after=ceil((row.since + WINDOW - now).total_seconds())
                )
            row.misses += 1
        await self._session.flush()

    async def forgive(self, address_key: str, peer: str) -> None:
        """After the right password: the member's own misses count no more, those of others on the network still do."""
        (member, _), (network, _) = self._both(address_key, peer)
        for row in await self._locked([member, network]):
            row.misses = 0 if row.whom == member else max(0, row.misses - 1)
        await self._session.flush()

    async def _locked(self, whom: Collection[str]) -> Sequence[SignInMissesRow]:
        """In one order everywhere, so that two requests cannot wait for each other."""
        rows = select(SignInMissesRow).where(col(SignInMissesRow.whom).in_(whom)).order_by(col(SignInMissesRow.whom))
        return (await self._session.exec(rows.with_for_update().execution_options(populate_existing=True))).all()

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the misses that are too old to count; returns how many."""
        return (await session.exec(delete(SignInMissesRow).where(col(SignInMissesRow.since) <= now - WINDOW))).rowcount

    def _both(self, address_key: str, peer: str) -> tuple[tuple[str, int], ...]:
        hashes = self._hashes
        return (hashes.of(f"member {address_key}"), MOST_OF_MEMBER), (hashes.of(f"peer {_network(peer)}"), MOST_OF_PEER)


def _network(peer: str) -> str:
    """Whoever has one address of IPv6 has all of its /64."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else peer
