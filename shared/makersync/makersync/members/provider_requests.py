"""Browsers that were sent to the OpenID provider, and what for."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.sealing import Seal, Unsealable
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.members.identity_tables import ProviderRequestRow
from makersync.oidc.relying_party import RequestSecrets

#: So long a browser may stay at the provider.
REQUEST = timedelta(minutes=15)
_PURPOSE = b"makersync requests to providers 1"


class Purpose(StrEnum):
    """Why somebody is sent to the provider: to sign in, to join by an invitation, to link an account there to the member who
    is signed in, or to set a first password for that member."""

    SIGN_IN = "sign_in"
    JOIN = "join"
    LINK = "link"
    SET_PASSWORD = "set_password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """`way` is where the browser goes in the end. With JOIN, `invitation` is the token of the link, `name` what the person is
    called and `agreed` as for `Joining.join`; with LINK and SET_PASSWORD, `session` is the digest of the session in
    which it was asked for, and with the latter `password_hash` that of the password."""

    purpose: Purpose
    way: str = "/"
    invitation: str = ""
    name: str = ""
    agreed: str = ""
    session: str = ""
    password_hash: str = field(default="", repr=False)


class ProviderRequests:
    """In one database session, which has to be a transaction for everything but `find`. `browser` is the token in the
    browser's cookie: without it, what stands in the database and what comes back is of no use."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._pepper, self._clock = session, pepper, clock
        self._seal = Seal(pepper, _PURPOSE)

    async def begin(self, browser: str, wanted: ProviderRequest) -> str:
        """The state of a new request."""
        state = new_token()
        digest = self._of("state", browser, state)
        sealed = self._seal.sealed(orjson.dumps(asdict(wanted)), digest)
        self._session.add(ProviderRequestRow(digest=digest, sealed=sealed, until=self._clock.now() + REQUEST))
        await self._session.flush()
        return state

    async def find(self, browser: str, state: str) -> ProviderRequest | None:
        """None when there is no such request of this browser, it is over, or it has come back."""
        if not self._may_be(browser, state):
            return None
        return self._opened(await self._session.get(ProviderRequestRow, self._of("state", browser, state)))

    async def take(self, browser: str, state: str) -> ProviderRequest | None:
        """As `find`; the request is over with that."""
        if not self._may_be(browser, state):
            return None
        row = await self._session.get(ProviderRequestRow, self._of("state", browser, state))
        mine = col(ProviderRequestRow.digest) == self._of("state", browser, state)
        is_first = (await self._session.exec(delete(ProviderRequestRow).where(mine))).rowcount == 1
        return self._opened(row) if is_first else None

    def secrets(self, browser: str, state: str) -> RequestSecrets:
        """They follow from the token in the browser, so that they stand nowhere."""
        return RequestSecrets(state, self._of("nonce", browser, state), self._of("verifier", browser, state))

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete those that took too long; returns how many."""
        return (await session.exec(delete(ProviderRequestRow).where(col(ProviderRequestRow.until) <= now))).rowcount

    def _opened(self, row: ProviderRequestRow | None) -> ProviderRequest | None:
        if row is None or row.until <= self._clock.now():
            return None
        try:
            stored = orjson.loads(self._seal.opened(row.sealed, row.digest))
        except Unsealable:
            return None
        return ProviderRequest(**{**stored, "purpose": Purpose(stored["purpose"])})

    def _of(self, what: str, browser: str, state: str) -> str:
        return KeyedHashes(self._pepper, f"provider {what}").of(f"{browser} {state}")

    @staticmethod
    def _may_be(browser: str, state: str) -> bool:
        return 0 < len(browser) <= LONGEST_TOKEN and 0 < len(state) <= LONGEST_TOKEN
