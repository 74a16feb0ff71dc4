"""Who may be a member in a service: of an organisation, or of the operators; and what each role allows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.keys import OPERATOR, Principal

ADMIN = "admin"
READER = "reader"
#: What those who look after the members hold. No key does: it is in no list of scopes that keys may have.
MANAGE_MEMBERS = "members:manage"
#: What stands for an organisation where members are kept that belong to none. No organisation has such an id: theirs have a
#: prefix and an underscore.
OPERATORS = "operators"
_OPERATOR_ROLE = "operator"
OPERATOR_ROLES: Mapping[str, frozenset[str]] = MappingProxyType({_OPERATOR_ROLE: frozenset({OPERATOR, MANAGE_MEMBERS})})
_OPERATORS_NAME = "the operators of this platform"


@dataclass(frozen=True, slots=True)
class MembersOffer:
    """`roles` maps each role of an organisation to the scopes that its members hold, as an organisation's key holds them;
    `name_of` gives the name of an organisation, None when there is no such one; `sends_mail` says whether the service sends
    mail where operators have set that up."""

    roles: Mapping[str, frozenset[str]]
    name_of: Callable[[AsyncSession, str], Awaitable[str | None]]
    sends_mail: bool = False

    def roles_in(self, organisation_id: str) -> Mapping[str, frozenset[str]]:
        return OPERATOR_ROLES if organisation_id == OPERATORS else self.roles

    @staticmethod
    def leading_role(organisation_id: str) -> str:
        """The role of those who look after the members."""
        return _OPERATOR_ROLE if organisation_id == OPERATORS else ADMIN

    async def name_in(self, session: AsyncSession, organisation_id: str) -> str | None:
        """What members belong to, in words; None when there is no such organisation."""
        return _OPERATORS_NAME if organisation_id == OPERATORS else await self.name_of(session, organisation_id)

    def principal(self, member_id: str, organisation_id: str, role: str) -> Principal:
        """Who the member is to all checks of access. A role that the service no longer has allows nothing."""
        scopes = self.roles_in(organisation_id).get(role, frozenset())
        if scopes and role == self.leading_role(organisation_id):
            scopes |= {MANAGE_MEMBERS}
        return Principal(member_id, None if organisation_id == OPERATORS else organisation_id, scopes)


async def _no_organisation(_session: AsyncSession, _organisation_id: str) -> None:
    return None


#: For a service that has no organisations.
OPERATORS_ALONE = MembersOffer({}, _no_organisation)
