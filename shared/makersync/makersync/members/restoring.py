"""What a restored database must not let in: its sessions and links are those of the backup, some of people removed since."""

from collections.abc import Mapping

from sqlmodel import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.members.tables import (
    AddressClaimRow,
    MemberInvitationRow,
    MemberLetterRow,
    MemberMailRow,
    MemberSessionRow,
    PendingSignInRow,
    RecoveryRow,
)

_ENDED = {
    "sessions": MemberSessionRow,
    "pending sign-ins": PendingSignInRow,
    "links to new passwords": RecoveryRow,
    "wishes for such links": MemberLetterRow,
    "links to confirm addresses": AddressClaimRow,
    "letters about membership": MemberMailRow,
    "invitations": MemberInvitationRow,
}


async def end_entrances(session: AsyncSession) -> Mapping[str, int]:
    """Sign everybody out and end all links; returns how many of what, in words. Members stay, with the passwords and second
    steps of the backup."""
    return {what: (await session.exec(delete(table))).rowcount for what, table in _ENDED.items()}
