"""What messages about membership say."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.mail.composing import LONGEST_NAME, MailContent, shortened
from makersync.mail.message_parts import Link, Paragraph, Part
from makersync.members.address_holders import Holder, holder_of
from makersync.members.claims import CLAIM, CONFIRM_PATH, AddressClaim, AddressClaims
from makersync.members.joining import INVITATION, JOIN_PATH, Joining, MemberInvitation
from makersync.members.mailing import MailKind, MailLinks
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberMailRow

_NOTHING = "If you do not know why you are written to, do nothing."
_ELSEWHERE = "This address signs in for another organisation already, and an address signs in for one."


@dataclass(frozen=True, slots=True)
class MemberMailTexts:
    """In one database session. `public_address` is where links lead to, without a slash at the end."""

    session: AsyncSession
    pepper: bytes
    clock: Clock
    offer: MembersOffer
    public_address: str

    async def content(self, row: MemberMailRow) -> MailContent | None:
        """None when there is nothing to say any more: the link was used, replaced or withdrawn, or is too old."""
        if row.until <= self.clock.now():
            return None
        match row.kind:
            case MailKind.INVITATION:
                return await self._invitation(row)
            case MailKind.VERIFICATION:
                return await self._verification(row)
            case _:
                return await self._changed(row)

    async def _invitation(self, row: MemberMailRow) -> MailContent | None:
        joining = Joining(self.session, self.pepper, self.clock, self.offer)
        found = await joining.of_letter(row.letter_id)
        if found is None:
            return None
        name = await self._name(row.organisation_id)
        holder = await holder_of(self.session, self.offer, row.address_key)
        parts = _invited(found, name, holder, self._url(JOIN_PATH, row))
        return MailContent(row.letter_id, row.made_at, f"{name} invites you to Makersync", parts)

    async def _verification(self, row: MemberMailRow) -> MailContent | None:
        found = await AddressClaims(self.session, self.pepper, self.clock).of_letter(row.letter_id)
        if found is None:
            return None
        name = await self._name(row.organisation_id)
        holder = await holder_of(self.session, self.offer, row.address_key) if found.is_other else None
        parts = _claimed(found, name, holder, self._url(CONFIRM_PATH, row))
        return MailContent(row.letter_id, row.made_at, "Confirm this address for Makersync", parts)

    async def _changed(self, row: MemberMailRow) -> MailContent:
        name = await self._name(row.organisation_id)
        said = f"The address that you sign in with for {name} is another one from now on; this address no longer signs in."
        ask = f"If it was not you, tell an administrator of {name} or an operator of the platform at once."
        subject, parts = "Your address for Makersync was changed", [Paragraph(said), Paragraph(ask)]
        return MailContent(row.letter_id, row.made_at, subject, parts)

    async def _name(self, organisation_id: str) -> str:
        return shortened(await self.offer.name_in(self.session, organisation_id) or organisation_id, LONGEST_NAME)

    def _url(self, path: str, row: MemberMailRow) -> str:
        return f"{self.public_address}{path}/{MailLinks(self.pepper).token(row.letter_id)}"


def _invited(found: MemberInvitation, name: str, holder: Holder | None, url: str) -> list[Part]:
    parts: list[Part] = [Paragraph(f"You are invited to sign in for {name}, with the role {found.role}.")]
    if holder is not None and holder.is_verified:
        how = "delete your account there first, ask for an invitation to another address, or ask an operator."
        parts.append(Paragraph(f"{_ELSEWHERE} To join {name}, {how}"))
    elif holder is not None:
        parts.append(Paragraph(f"{_ELSEWHERE} Nobody has shown that the address is theirs. You can end that when you join."))
    within = f"within {INVITATION // timedelta(days=1)} days"
    return [*parts, Link(f"Open this address {within}. It makes you a member once:", url), Paragraph(_NOTHING)]


def _claimed(found: AddressClaim, name: str, holder: Holder | None, url: str) -> list[Part]:
    """To an address that a member has verified no link is sent that could do anything."""
    if holder is not None and holder.is_verified:
        wants = f"A member of {name} asked to sign in with this address. {_ELSEWHERE} So nothing has changed."
        return [Paragraph(wants), Paragraph("If it was you, sign in there and delete that account first.")]
    what = "another address than before, this one" if found.is_other else "this address"
    within = f"within {CLAIM // timedelta(hours=1)} hours"
    link = Link(f"If it was you, open this address {within} and press the button there:", url)
    return [Paragraph(f"A member of {name} asked to sign in with {what}."), link, Paragraph(_NOTHING)]
