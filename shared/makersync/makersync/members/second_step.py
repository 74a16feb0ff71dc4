"""The second step at sign-in: a code of an authenticator app, or one of ten that were written down."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.sealing import Seal, Unsealable
from makersync.http.keyed_hashes import KeyedHashes
from makersync.http.problems import Conflict, ValidationProblem
from makersync.members.authenticator import new_secret, step_of
from makersync.members.locking import locked_member
from makersync.members.tables import MemberRow, PendingSignInRow, RecoveryCodeRow, SecondStepRow
from makersync.store.activity import note_own

RECOVERY_CODES = 10
#: 120 bits, so that a plain keyed hash is enough (ASVS 5.0, 6.5.2).
_CODE_BYTES = 15
_GROUP = 6
#: What is longer is no code.
LONGEST_CODE = 64
#: After so many wrong codes within so long, recovery codes alone are taken.
MOST_MISSES, MISSES_COUNT = 50, timedelta(days=7)
#: So long a secret waits for its first code.
UNCONFIRMED = timedelta(minutes=10)
_PURPOSE = b"makersync second steps 1"


@dataclass(frozen=True, slots=True)
class SecondStepState:
    """Since when signing in asks a member for a code, how many recovery codes are left, and how many codes of the last days
    were wrong."""

    since: datetime
    codes_left: int
    misses: int


async def has_second_step(session: AsyncSession, member_id: str) -> bool:
    """Whether signing in asks for a code."""
    row = await session.get(SecondStepRow, member_id)
    return row is not None and row.confirmed_at is not None


class SecondSteps:
    """In one database session, which has to be a transaction for all that changes something."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._seal, self._hashes = Seal(pepper, _PURPOSE), KeyedHashes(pepper, "recovery code")

    async def state(self, member_id: str) -> SecondStepState | None:
        """None when signing in asks for no code."""
        row = await self._session.get(SecondStepRow, member_id)
        if row is None or row.confirmed_at is None:
            return None
        mine = select(func.count()).where(RecoveryCodeRow.member_id == member_id)
        return SecondStepState(row.confirmed_at, (await self._session.exec(mine)).one(), self._misses(row))

    async def begin(self, member_id: str, digest: str) -> None:
        """Make a secret, which asks for nothing before it is confirmed: in this session, soon. Raises Conflict when there is
        one that is confirmed."""
        await locked_member(self._session, member_id)
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True)
        if row is not None and row.confirmed_at is not None:
            raise _on_already()
        sealed = self._seal.sealed(new_secret().encode(), member_id)
        if row is None:
            row = SecondStepRow(member_id=member_id, sealed=sealed)
            self._session.add(row)
        row.sealed, row.begun_in, row.begun_at = sealed, digest, self._clock.now()

    async def unconfirmed(self, member_id: str, digest: str) -> str | None:
        """The secret that waits for its first code from this session: another one could have planted its own."""
        row = await self._session.get(SecondStepRow, member_id)
        return self._secret(row) if row is not None and row.confirmed_at is None and self._is_of(row, digest) else None

    async def confirm(self, member_id: str, digest: str, code: str) -> list[str]:
        """From now on signing in asks for a code. Returns the recovery codes, which cannot be read again. Raises
        ValidationProblem and Conflict."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True)
        if row is not None and row.confirmed_at is not None:
            raise _on_already()
        if row is None or not self._is_of(row, digest):
            raise Conflict(
                "second_step_not_begun",
                f"Start again: a secret is valid for {UNCONFIRMED // timedelta(minutes=1)} minutes, in the browser that began.",
            )
        if not self._is_next(row, _plain(code)):
            raise _wrong_code()
        row.confirmed_at, row.begun_in, row.begun_at = self._clock.now(), None, None
        note_own(self._session, self._clock.now(), "second_step_turned_on", member_id)
        return await self.renew_codes(member_id)

    async def count(self, member_id: str) -> None:
        """Count an attempt at a code, before it is compared, in a transaction of its own."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True, populate_existing=True)
        if row is None or row.confirmed_at is None:
            return
        row.misses = self._misses(row) + 1
        if row.misses == 1:
            row.misses_since = self._clock.now()

    async def take(self, member_id: str, code: str) -> bool:
        """Whether the code is right, which `count` has counted. It is of no use any more then. After too many wrong ones a
        recovery code alone is right: a million codes of an app can be guessed in time."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True, populate_existing=True)
        if row is None or row.confirmed_at is None or len(code) > LONGEST_CODE:
            return False
        given = _plain(code)
        if self._misses(row) <= MOST_MISSES and self._is_next(row, given):
            row.misses = max(0, row.misses - 1)
            return True
        mine = (col(RecoveryCodeRow.digest) == self._digest(member_id, given), col(RecoveryCodeRow.member_id) == member_id)
        is_right = (await self._session.exec(delete(RecoveryCodeRow).where(*mine))).rowcount == 1
        if is_right:
            row.misses = max(0, row.misses - 1)
        return is_right

    async def demand(self, member_id: str, code: str) -> None:
        """Raises ValidationProblem unless the code is right."""
        if not await self.take(member_id, code):
            raise _wrong_code()

    async def renew_codes(self, member_id: str) -> list[str]:
        """Ten new recovery codes; those before are of no use any more."""
        await self._session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.member_id) == member_id))
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        self._session.add_all(
            [RecoveryCodeRow(digest=self._digest(member_id, _plain(code)), member_id=member_id) for code in codes]
        )
        return codes

    def _is_next(self, row: SecondStepRow, code: str) -> bool:
        """Whether it is a code that comes after the last one that was taken, which it is from now on."""
        secret = self._secret(row)
        step = None if secret is None else step_of(secret, code, self._clock.now())
        if step is None or step <= row.used:
            return False
        row.used = step
        return True

    def _misses(self, row: SecondStepRow) -> int:
        is_old = row.misses_since is None or self._clock.now() - row.misses_since >= MISSES_COUNT
        return 0 if is_old else row.misses

    def _is_of(self, row: SecondStepRow, digest: str) -> bool:
        return row.begun_in == digest and row.begun_at is not None and self._clock.now() - row.begun_at < UNCONFIRMED

    def _secret(self, row: SecondStepRow) -> str | None:
        """None under another pepper than the one that it was sealed with."""
        try:
            return self._seal.opened(row.sealed, row.member_id).decode()
        except Unsealable:
            return None

    def _digest(self, member_id: str, code: str) -> str:
        return self._hashes.of(f"{member_id} {code}")


async def with_second_step(session: AsyncSession, organisation_id: str) -> frozenset[str]:
    """The ids of the members whom signing in asks for a code."""
    both = select(SecondStepRow.member_id).join(MemberRow, col(MemberRow.member_id) == col(SecondStepRow.member_id))
    mine = both.where(MemberRow.organisation_id == organisation_id, col(SecondStepRow.confirmed_at).is_not(None))
    return frozenset((await session.exec(mine)).all())


async def forget_second_step(session: AsyncSession, member_id: str) -> None:
    """Signing in asks the member for no code any more."""
    await session.exec(delete(SecondStepRow).where(col(SecondStepRow.member_id) == member_id))
    await session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.member_id) == member_id))
    await session.exec(delete(PendingSignInRow).where(col(PendingSignInRow.member_id) == member_id))


async def forget_unconfirmed(session: AsyncSession, now: datetime) -> int:
    """Delete the secrets whose first code did not come in time; returns how many."""
    begun = or_(col(SecondStepRow.begun_at).is_(None), col(SecondStepRow.begun_at) <= now - UNCONFIRMED)
    return (await session.exec(delete(SecondStepRow).where(col(SecondStepRow.confirmed_at).is_(None), begun))).rowcount


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    """People type spaces and capital letters."""
    return "".join(code.split()).replace("-", "").lower()


def _wrong_code() -> ValidationProblem:
    return ValidationProblem.of(
        "code", "code_wrong", "is not right, or was used before, perhaps by a second click; the app shows a new one soon"
    )


def _on_already() -> Conflict:
    text = "Signing in asks for a code already. If you have not seen your recovery codes, get new ones below."
    return Conflict("second_step_on", text)
