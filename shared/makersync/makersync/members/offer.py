"""Who may be a member of an organisation in a service, and what each role allows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

ADMIN = "admin"
READER = "reader"


@dataclass(frozen=True, slots=True)
class MembersOffer:
    """`roles` maps each role to the scopes that its members hold, as an organisation's key holds them; `name_of` gives the name
    of an organisation, None when there is no such one."""

    roles: Mapping[str, frozenset[str]]
    name_of: Callable[[AsyncSession, str], Awaitable[str | None]]

    def scopes(self, role: str) -> frozenset[str]:
        """No scopes for a role that the service no longer has."""
        return self.roles.get(role, frozenset())
