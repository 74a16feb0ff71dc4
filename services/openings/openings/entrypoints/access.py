"""Who may do what: employers with keys for their own openings, operators who see everybody's and change none."""

from typing import Annotated

from fastapi import Depends

from makersync.http.problems import Forbidden
from makersync.http.security import Principal, authenticated, requires

READ = "openings:read"
WRITE = "openings:write"
SCOPES = frozenset({READ, WRITE})


async def _reader(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
    if not (principal.is_operator or principal.may(READ)):
        raise Forbidden(f"The API key lacks the scope {READ}.")
    return principal


#: An employer's key that may read, or an operator's.
Reader = Annotated[Principal, Depends(_reader)]
#: An employer's key that may write.
Writer = Annotated[Principal, Depends(requires(WRITE))]


def scope_of(principal: Principal) -> str | None:
    """The employer to which the caller's view is limited; None for an operator."""
    return None if principal.is_operator else principal.tenant
