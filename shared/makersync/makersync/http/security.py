"""Authorisation of routes: `Depends(requires("openings:write"))`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from weakref import WeakKeyDictionary

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from makersync.http.keys import OPERATOR, Principal, authenticate
from makersync.http.problems import Forbidden, Unauthorized
from makersync.http.wiring import wiring_of
from makersync.store.activity import ACTING, Acting
from makersync.store.actors import key_actor

__all__ = [
    "OPERATOR",
    "Operator",
    "Principal",
    "admits",
    "admitted_scopes",
    "authenticated",
    "identify",
    "identify_again",
    "known_caller",
    "requires",
]

Guard = TypeVar("Guard", bound=Callable[..., Awaitable[Principal]])

_PRINCIPAL = "makersync.principal"
_ADMITTED: WeakKeyDictionary[Callable[..., object], tuple[str, ...]] = WeakKeyDictionary()

_bearer = HTTPBearer(
    auto_error=False, scheme_name="api_key", bearerFormat="mks_<id>_<secret>", description="An API key of this service."
)


async def identify(request: Request) -> Principal:
    """The caller, looked up once per request. Raises Unauthorized."""
    known = known_caller(request)
    if known is not None:
        return known
    principal = request.scope[_PRINCIPAL] = await identify_again(request)
    if principal.organisation_id is not None:
        request.scope[ACTING] = Acting(principal.organisation_id, key_actor(principal.actor_id))
    return principal


async def identify_again(request: Request) -> Principal:
    """The caller as of now, for an answer that takes long. Raises Unauthorized."""
    credentials = await _bearer(request)
    if credentials is None:
        raise Unauthorized("key_missing", "Send an API key: Authorization: Bearer mks_...")
    wiring = wiring_of(request)
    async with wiring.store.reading() as session:
        principal = await authenticate(session, wiring.pepper, wiring.clock, credentials.credentials)
    wiring.key_uses.note(principal.actor_id, wiring.clock.now())
    return principal


def known_caller(request: Request) -> Principal | None:
    """The caller, if `identify` has been called for this request."""
    known = request.scope.get(_PRINCIPAL)
    return known if isinstance(known, Principal) else None


async def authenticated(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """The caller, with any scopes. Raises Unauthorized."""
    return await identify(request)


def admits(*scopes: str) -> Callable[[Guard], Guard]:
    """Declare, for the OpenAPI document, that a guard accepts keys with any one of `scopes`; without scopes, any key."""

    def documented(guard: Guard) -> Guard:
        _ADMITTED[guard] = scopes
        return guard

    return documented


def admitted_scopes(guard: Callable[..., object]) -> tuple[str, ...] | None:
    """The scopes that `admits` declared for a guard, or None."""
    return _ADMITTED.get(guard)


def requires(scope: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that returns the caller if it holds `scope`. Raises Unauthorized or Forbidden."""

    @admits(scope)
    async def authorized(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        if not principal.may(scope):
            raise Forbidden("scope_missing", f"The API key lacks the scope {scope}.")
        return principal

    return authorized


Operator = Annotated[Principal, Depends(requires(OPERATOR))]
