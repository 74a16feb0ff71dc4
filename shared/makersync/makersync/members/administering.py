"""How the administrators of an organisation look after its members."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict, NotFound, StaleVersion, ValidationProblem
from makersync.mail.addresses import address_key
from makersync.members.accounts import demand_unchanged
from makersync.members.mailing import MemberMailing, drop_mail
from makersync.members.membership import end_invitations_by, remove_member
from makersync.members.offer import MembersOffer
from makersync.members.sessions import SignedIn
from makersync.members.tables import MemberInvitationRow, MemberRow
from makersync.store.activity import note_in


class Administration:
    """Of the members of one organisation, in a transaction."""

    def __init__(self, session: AsyncSession, clock: Clock, offer: MembersOffer, organisation_id: str) -> None:
        self._session, self._clock, self._offer, self._organisation_id = session, clock, offer, organisation_id

    async def demand_unchanged(self, signed_in: SignedIn, compared: str) -> None:
        """Before one of the members changes something here, with the locks in one order. Raises Conflict."""
        await self._administrators()
        await demand_unchanged(self._session, signed_in, compared)

    async def invitations(self) -> Sequence[MemberInvitationRow]:
        """Those that can be used, by address."""
        mine = select(MemberInvitationRow).where(MemberInvitationRow.organisation_id == self._organisation_id)
        valid = mine.where(col(MemberInvitationRow.until) > self._clock.now())
        return (await self._session.exec(valid.order_by(col(MemberInvitationRow.address_key)))).all()

    async def mail_states(self, invitations: Sequence[MemberInvitationRow]) -> Mapping[str, str]:
        """What became of the messages that bring them, by their ids, as `MemberMailing.states` says."""
        letter_ids = [each.letter_id for each in invitations if each.letter_id]
        return await MemberMailing(self._session, self._clock).states(letter_ids)

    async def withdraw(self, address: str) -> str | None:
        """End the invitation to an address; returns its role, None when there is none."""
        mine = (
            col(MemberInvitationRow.organisation_id) == self._organisation_id,
            col(MemberInvitationRow.address_key) == address_key(address),
        )
        ended = delete(MemberInvitationRow).where(*mine)
        what = ended.returning(col(MemberInvitationRow.role), col(MemberInvitationRow.letter_id))
        found = (await self._session.exec(what)).first()
        if found is None:
            return None
        role, letter_id = str(found.role), found.letter_id
        await drop_mail(self._session, [letter_id])
        self._note("invitation_withdrawn", "", role=role)
        return role

    async def change_role(self, member_id: str, role: str, shown: str = "") -> str:
        """Holds from the member's next request on; an administrator's invitations end with that role. Returns the role before.
        `shown` is the role that whoever changes it has seen; "" when that is not known. Raises ValidationProblem, NotFound,
        StaleVersion when it has another by now, and Conflict for the last administrator."""
        if role not in self._offer.roles_in(self._organisation_id):
            raise ValidationProblem.of("role", "unknown_role", "must be one of those that the list offers")
        member = await self._member(member_id)
        before = member.role
        if shown and shown != before:
            changed = f"The role has changed since the page was shown that you used: it was {shown}, and is {before} now."
            raise StaleVersion("version_outdated", f"{changed} Nothing was done.")
        if role != before:
            await self._demand_another(member)
            member.role = role
            if before == self._offer.leading_role(self._organisation_id):
                await end_invitations_by(self._session, member_id)
            self._note("role_changed", member_id, before=before, now=role)
        return before

    async def remove(self, member_id: str) -> None:
        """Raises NotFound, and Conflict for the last administrator."""
        await self._demand_another(await self._member(member_id))
        await remove_member(self._session, self._clock, self._organisation_id, member_id)

    def _note(self, action: str, subject: str, **detail: str) -> None:
        note_in(self._session, self._clock.now(), self._organisation_id, action, subject, **detail)

    async def _member(self, member_id: str) -> MemberRow:
        """With the rows of all administrators locked, in one order: two who remove each other take turns."""
        await self._administrators()
        row = await self._session.get(MemberRow, member_id, with_for_update=True, populate_existing=True)
        if row is None or row.organisation_id != self._organisation_id:
            raise NotFound("no_such_thing", "There is no such member.")
        return row

    async def _demand_another(self, member: MemberRow) -> None:
        leading = self._offer.leading_role(self._organisation_id)
        if member.role == leading and await self._administrators() == [member.member_id]:
            raise Conflict("last_admin", "This is the last administrator: make somebody else one first.")

    async def _administrators(self) -> list[str]:
        leading = self._offer.leading_role(self._organisation_id)
        mine = select(MemberRow).where(MemberRow.organisation_id == self._organisation_id, MemberRow.role == leading)
        rows = await self._session.exec(mine.order_by(col(MemberRow.member_id)).with_for_update())
        return [row.member_id for row in rows]
