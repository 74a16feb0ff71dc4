"""What an organisation does with its recipients of mail, within one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict, NotFound, TooManyRequests, ValidationProblem
from makersync.identifiers import new_id
from makersync.mail.addresses import AddressUnfit, address_key, checked_address
from makersync.mail.bodies import RecipientBody, RecipientChange
from makersync.mail.claiming import lock_recipient
from makersync.mail.consent import Invitations
from makersync.mail.message_making import Making, waiting
from makersync.mail.offer import MailOffer
from makersync.mail.states import Cadence, MessageKind, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.mail.tokens import MailTokens
from makersync.store.activity import note_own
from makersync.store.database_time import read_database_time

MOST_RECIPIENTS = 50
#: Tests of one recipient that may wait at a time, and of all recipients of an organisation that may be made within an hour.
MOST_TESTS, MOST_TESTS_AN_HOUR = 3, 20
_AN_HOUR = timedelta(hours=1)
_DECLINED = "The person answered that no mail is wanted, and is not asked again for a year."
_ASKED_OFTEN = "The address was asked three times within a week, or the organisation's addresses a hundred times; try later."


@dataclass(frozen=True, slots=True)
class Recipients:
    """The recipients of one organisation. Another's is answered like one that does not exist."""

    session: AsyncSession
    clock: Clock
    organisation_id: str
    offer: MailOffer
    tokens: MailTokens
    zone: tzinfo

    async def all(self) -> Sequence[RecipientRow]:
        rows = select(RecipientRow).where(RecipientRow.organisation_id == self.organisation_id)
        return (await self.session.exec(rows.order_by(col(RecipientRow.id).desc()))).all()

    async def get(self, recipient_id: str) -> RecipientRow:
        """Raises NotFound."""
        return self._own(await self.session.get(RecipientRow, recipient_id))

    async def locked(self, recipient_id: str) -> RecipientRow:
        """The same, with its row locked until the transaction ends. Raises NotFound."""
        return self._own(await lock_recipient(self.session, recipient_id, wait=True))

    async def create(self, wanted: RecipientBody) -> RecipientRow:
        """Raises ValidationProblem, Conflict or TooManyRequests."""
        address, cadences = _checked(wanted.address), self._known(wanted.types)
        await self._demand_room(address)
        now = await self._now()
        recipient_id = new_id("mrc", now)
        sealed, digest = self.tokens.issued(recipient_id)
        row = RecipientRow(
            id=recipient_id,
            organisation_id=self.organisation_id,
            address=address,
            address_key=address_key(address),
            description=wanted.description,
            cadences=cadences,
            hour=wanted.hour,
            weekday=wanted.weekday,
            state=RecipientState.UNCONFIRMED,
            since=now,
            unsubscribe_sealed=sealed,
            unsubscribe_digest=digest,
            created_at=now,
        )
        self.session.add(row)
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise _known_already() from error
        await self._ask(row, now)
        self._note("mail_recipient_added", row, now)
        return row

    async def change(self, row: RecipientRow, wanted: RecipientChange) -> None:
        """The row is locked. What was gathered for the types that were chosen before is sent now. Raises ValidationProblem."""
        making = self._making(await self._now())
        cadences = self._known(wanted.types) if "types" in wanted.given else row.cadences
        is_told, is_chosen_anew = row.state == RecipientState.ACTIVE, cadences != row.cadences
        if is_told and is_chosen_anew:
            await making.tell_all(row)
        row.cadences = cadences
        for name in {"hour", "weekday", "description"} & set(wanted.given):
            setattr(row, name, getattr(wanted, name))
        if is_told and is_chosen_anew:
            await making.begin(row)
        elif is_told and {"hour", "weekday"} & set(wanted.given):
            making.plan(row)
        row.version += 1
        self._note("mail_recipient_changed", row, making.now)
        await self.session.flush()

    async def ask_again(self, row: RecipientRow) -> None:
        """The row is locked. Raises Conflict or TooManyRequests."""
        if row.state == RecipientState.ACTIVE:
            raise Conflict("mail_confirmed", "The recipient has agreed already.")
        if row.state == RecipientState.UNSUBSCRIBED:
            raise Conflict("mail_unsubscribed", "The person wants no mail. If that has changed, make the recipient again.")
        if await waiting(self.session, row.id, MessageKind.CONFIRMATION):
            raise Conflict("mail_asked", "The question is still to be sent.")
        now = await self._now()
        await self._ask(row, now)
        self._note("mail_recipient_asked_again", row, now)

    async def test(self, row: RecipientRow) -> MailMessageRow:
        """The row is locked. Raises Conflict or TooManyRequests."""
        if row.state != RecipientState.ACTIVE:
            raise Conflict("mail_unconfirmed", "Nothing but the question is sent before the recipient has agreed.")
        if await waiting(self.session, row.id, MessageKind.TEST) >= MOST_TESTS:
            raise TooManyRequests("mail_tests", f"At most {MOST_TESTS} tests of a recipient wait at a time.")
        now = await self._now()
        await self._demand_few_tests(now)
        message = self._making(now).add(row, MessageKind.TEST)
        self._note("mail_recipient_tested", row, now)
        await self.session.flush()
        return message

    async def _demand_few_tests(self, now: datetime) -> None:
        mine = select(RecipientRow.id).where(RecipientRow.organisation_id == self.organisation_id)
        tests = (col(MailMessageRow.recipient_id).in_(mine), MailMessageRow.kind == MessageKind.TEST)
        recent = select(MailMessageRow.created_at).where(*tests, col(MailMessageRow.created_at) > now - _AN_HOUR)
        made = (await self.session.exec(recent.order_by(col(MailMessageRow.created_at).desc()))).all()
        if len(made) >= MOST_TESTS_AN_HOUR:
            wait = ceil((made[MOST_TESTS_AN_HOUR - 1] + _AN_HOUR - now).total_seconds())
            detail = f"An organisation has at most {MOST_TESTS_AN_HOUR} tests made within an hour."
            raise TooManyRequests("mail_tests", detail, retry_after=max(1, wait))

    async def delete(self, row: RecipientRow) -> None:
        """With all that is known of it. The row is locked."""
        await delete_recipient(self.session, row)
        self._note("mail_recipient_deleted", row, await self._now())

    def _note(self, action: str, row: RecipientRow, now: datetime) -> None:
        """Without the address: who reads the organisation's mail is not for ever."""
        note_own(self.session, now, action, row.id)

    async def _ask(self, row: RecipientRow, now: datetime) -> None:
        asked = Invitations(self.session, self.tokens, self.organisation_id, now)
        if await asked.is_declined(row.address_key):
            raise Conflict("mail_declined", _DECLINED)
        if not await asked.has_room(row.address_key):
            raise TooManyRequests("mail_questions", _ASKED_OFTEN, retry_after=3600)
        asked.add(row)
        row.confirm_sealed, row.confirm_digest = self.tokens.issued(row.id)
        self._making(now).add(row, MessageKind.CONFIRMATION)
        await self.session.flush()

    def _making(self, now: datetime) -> Making:
        return Making(self.session, self.offer, self.zone, now)

    async def _now(self) -> datetime:
        return await read_database_time(self.session, self.clock)

    def _own(self, row: RecipientRow | None) -> RecipientRow:
        if row is None or row.organisation_id != self.organisation_id:
            raise NotFound("no_such_thing", "There is no such recipient.")
        return row

    async def _demand_room(self, address: str) -> None:
        rows = await self.all()
        if any(row.address_key == address_key(address) for row in rows):
            raise _known_already()
        if len(rows) >= MOST_RECIPIENTS:
            raise Conflict("too_many_recipients", f"At most {MOST_RECIPIENTS} recipients of an organisation; delete one first.")

    def _known(self, types: Mapping[str, Cadence]) -> dict[str, str]:
        if any(name not in self.offer.types for name in types):
            raise ValidationProblem.of("types", "unknown_entry_type", f"must be among {', '.join(self.offer.types)}")
        return {name: cadence.value for name, cadence in sorted(types.items())}


async def delete_recipient(session: AsyncSession, row: RecipientRow) -> None:
    await session.exec(delete(MailMessageRow).where(col(MailMessageRow.recipient_id) == row.id))
    await session.delete(row)


def _known_already() -> Conflict:
    return Conflict("recipient_exists", "The organisation has a recipient with this address.")


def _checked(address: str) -> str:
    try:
        return checked_address(address)
    except AddressUnfit as unfit:
        raise ValidationProblem.of("address", "mail_address", str(unfit)) from unfit
