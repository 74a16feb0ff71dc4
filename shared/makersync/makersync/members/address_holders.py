"""Who signs in with an address: one member of one organisation in a service, until the owner of the address says otherwise."""

from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import Conflict
from makersync.members.locking import locked_member
from makersync.members.membership import remove_member
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberRow
from makersync.store.activity import Acting
from makersync.store.actors import member_actor


@dataclass(frozen=True, slots=True)
class Holder:
    """The member who signs in with an address, for whoever has shown that mail to it reaches them."""

    member_id: str
    organisation_id: str
    organisation: str
    is_verified: bool


class AddressTaken(Conflict):
    """Somebody signs in with the address. The owner may end that where the address was never verified."""


async def member_at(session: AsyncSession, key: str) -> MemberRow | None:
    return (await session.exec(select(MemberRow).where(MemberRow.address_key == key))).first()


async def holder_of(session: AsyncSession, offer: MembersOffer, key: str) -> Holder | None:
    row = await member_at(session, key)
    if row is None:
        return None
    name = await offer.name_in(session, row.organisation_id) or row.organisation_id
    return Holder(row.member_id, row.organisation_id, name, row.verified_at is not None)


async def free_for_owner(session: AsyncSession, clock: Clock, key: str, agreed: str) -> None:
    """Remove the member who signs in with an address and never verified it, for the owner, who has; `agreed` is the id of the
    member of whom the owner has said so. Raises AddressTaken when it is another, and when the member has verified it."""
    found = await member_at(session, key)
    holder = None if found is None else await locked_member(session, found.member_id)
    if holder is None or holder.address_key != key:
        return
    if holder.verified_at is not None or holder.member_id != agreed:
        raise address_taken()
    own = Acting(holder.organisation_id, member_actor(holder.member_id))
    await remove_member(session, clock, holder.organisation_id, holder.member_id, "address_claimed_by_owner", own)


def address_taken() -> AddressTaken:
    return AddressTaken("member_exists", "Somebody signs in with this address already. Operators of the platform can free it.")
