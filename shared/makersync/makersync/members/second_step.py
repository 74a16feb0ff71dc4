"""The second step at sign-in: a code of an authenticator app, or one of ten that were written down."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.sealing import Seal, Unsealable
from makersync.http.problems import Conflict, ValidationProblem
from makersync.members.authenticator import new_secret, step_of
from makersync.members.hashing import KeyedHashes
from makersync.members.tables import HalfSignInRow, RecoveryCodeRow, SecondStepRow
from makersync.store.activity import note_own

RECOVERY_CODES = 10
#: 120 bits, so that a plain keyed hash is enough (ASVS 5.0, 6.5.2).
_CODE_BYTES = 15
_GROUP = 6
#: What is longer is no code.
LONGEST_CODE = 64
_PURPOSE = b"makersync second steps 1"


@dataclass(frozen=True, slots=True)
class SecondStepState:
    """Since when signing in asks a member for a code, and how many recovery codes are left."""

    since: datetime
    codes_left: int


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
        return SecondStepState(row.confirmed_at, (await self._session.exec(mine)).one())

    async def begin(self, member_id: str) -> None:
        """Make a secret, which asks for nothing before it is confirmed. Raises Conflict when there is one that does."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True)
        if row is not None and row.confirmed_at is not None:
            raise _on_already()
        sealed = self._seal.sealed(new_secret().encode(), member_id)
        if row is not None:
            row.sealed = sealed
            return
        self._session.add(SecondStepRow(member_id=member_id, sealed=sealed))
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise Conflict("second_step_begun", "Another window began at this moment. Load the page again.") from error

    async def unconfirmed(self, member_id: str) -> str | None:
        """The secret that waits for its first code."""
        row = await self._session.get(SecondStepRow, member_id)
        return self._secret(row) if row is not None and row.confirmed_at is None else None

    async def confirm(self, member_id: str, code: str) -> list[str]:
        """From now on signing in asks for a code. Returns the recovery codes, which cannot be read again. Raises
        ValidationProblem and Conflict."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True)
        if row is None:
            raise Conflict("second_step_not_begun", "Begin anew: there is no secret to confirm.")
        if row.confirmed_at is not None:
            raise _on_already()
        if not self._is_next(row, _plain(code)):
            raise _wrong_code()
        row.confirmed_at = self._clock.now()
        note_own(self._session, self._clock.now(), "second_step_turned_on", member_id)
        return await self.renew_codes(member_id)

    async def take(self, member_id: str, code: str) -> bool:
        """Whether the code is right. It is of no use any more then."""
        row = await self._session.get(SecondStepRow, member_id, with_for_update=True, populate_existing=True)
        if row is None or row.confirmed_at is None or len(code) > LONGEST_CODE:
            return False
        given = _plain(code)
        if self._is_next(row, given):
            return True
        mine = (col(RecoveryCodeRow.digest) == self._digest(member_id, given), col(RecoveryCodeRow.member_id) == member_id)
        return (await self._session.exec(delete(RecoveryCodeRow).where(*mine))).rowcount == 1

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

    def _secret(self, row: SecondStepRow) -> str | None:
        """None under another pepper than the one that it was sealed with."""
        try:
            return self._seal.opened(row.sealed, row.member_id).decode()
        except Unsealable:
            return None

    def _digest(self, member_id: str, code: str) -> str:
        return self._hashes.of(f"{member_id} {code}")


async def forget_second_step(session: AsyncSession, member_id: str) -> None:
    """Signing in asks the member for no code any more."""
    await session.exec(delete(SecondStepRow).where(col(SecondStepRow.member_id) == member_id))
    await session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.member_id) == member_id))
    await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.member_id) == member_id))


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    """People type spaces and capital letters."""
    return "".join(code.split()).replace("-", "").lower()


def _wrong_code() -> ValidationProblem:
    return ValidationProblem.of("code", "code_wrong", "is not right, or was used before; the app shows a new one soon")


def _on_already() -> Conflict:
    return Conflict("second_step_on", "Signing in asks for a code already.")
