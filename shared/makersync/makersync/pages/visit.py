"""One request of a member, and what answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.problems import Forbidden, Problem
from makersync.http.wiring import Wiring, wiring_of
from makersync.members.offer import MembersOffer
from makersync.members.sessions import SignedIn
from makersync.pages.forms import SentForm

_ORGANISATIONS_ONLY = "This page is for the people of an organisation, and you are signed in as an operator."
_ROLE_MISSING = (
    "Your role does not allow this. An administrator of your organisation can give you another, and so can an operator of the "
    "platform, who invites you again."
)


class Renders(Protocol):
    def page(self, request: Request, template: str, signed_in: SignedIn | None, status: int, **values: Any) -> Response: ...


@dataclass(frozen=True, slots=True)
class Preparation:
    """`compared` is the hash that the present password was compared with, and `hashed` that of a new password."""

    compared: str = ""
    hashed: str = ""


@dataclass(slots=True)
class Visit:
    """One request of a member, within one database session: a transaction when the request may change something. `prepared` is
    what was computed before it began, such as the hash of a password."""

    site: Renders
    members: MembersOffer
    request: Request
    session: AsyncSession
    signed_in: SignedIn
    form: SentForm = field(default_factory=SentForm)
    prepared: Preparation = field(default_factory=Preparation)

    @property
    def tenant(self) -> str:
        return self.signed_in.principal.tenant

    @property
    def is_operator(self) -> bool:
        return self.signed_in.principal.is_operator

    @property
    def wiring(self) -> Wiring:
        return wiring_of(self.request)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        return self.site.page(self.request, template, self.signed_in, status, **values)

    def demand(self, scope: str) -> None:
        """Raises Forbidden."""
        principal = self.signed_in.principal
        if not principal.may(scope):
            if self.is_operator:
                raise Forbidden("organisations_only", _ORGANISATIONS_ONLY)
            raise Forbidden("role_missing", _ROLE_MISSING)


Handler = Callable[[Visit], Awaitable[Response]]
#: Shows a form once more, with what was refused.
Again = Callable[[Visit, Problem], Awaitable[Response]]
#: What has to be done before the transaction of a change. The visit that it is given has no database session any more.
Before = Callable[[Visit], Awaitable[Preparation]]
