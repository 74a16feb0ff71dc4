"""What a restored database must not let in: its sessions and links are those of the backup, some of people removed since."""

from collections.abc import Mapping

from sqlmodel import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.members.identity_tables import ProviderRequestRow
from makersync.members.tables import (
    AddressClaimRow,
    MemberInvitationRow,
    MemberMailRow,
    MemberSessionRow,
    PendingSignInRow,
    RecoveryRequestRow,
    RecoveryRow,
)

_ENDED = {
    "sessions": MemberSessionRow,
    "pending sign-ins": PendingSignInRow,
    "sign-ins at the provider": ProviderRequestRow,
    "links to new passwords": RecoveryRow,
    "requests for such links": RecoveryRequestRow,
    "links to confirm addresses": AddressClaimRow,
    "messages about membership": MemberMailRow,
    "invitations": MemberInvitationRow,
}


async def end_entrances(session: AsyncSession) -> Mapping[str, int]:
    """Sign everybody out and end all links; returns how many of what, in words. Members stay, with the passwords, linked
    accounts and second steps of the backup."""
    return {what: (await session.exec(delete(table))).rowcount for what, table in _ENDED.items()}
