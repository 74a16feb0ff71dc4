"""Who may do what: employers work with their own openings, operators see all openings and change none."""

from typing import Annotated

from fastapi import Depends

from makersync.http.problems import Forbidden
from makersync.http.security import OPERATOR, Principal, admits, authenticated, requires

READ = "openings:read"
WRITE = "openings:write"
SCOPES = frozenset({READ, WRITE})


@admits(READ, OPERATOR)
async def _reader(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
    if not (principal.is_operator or principal.may(READ)):
        raise Forbidden("scope_missing", f"The API key lacks the scope {READ}.")
    return principal


#: An employer's key with the scope to read, or an operator's key.
Reader = Annotated[Principal, Depends(_reader)]
#: An employer's key with the scope to write.
Writer = Annotated[Principal, Depends(requires(WRITE))]


def scope_of(principal: Principal) -> str | None:
    """The only employer that the caller may see; None for an operator, who may see all."""
    return None if principal.is_operator else principal.tenant
