"""The OpenID provider of a deployment, for pages."""

from fastapi import Request

from makersync.errors import RetryLater
from makersync.http.problems import NotFound
from makersync.http.wiring import wiring_of
from makersync.members.unlinking import are_identities_left
from makersync.oidc.relying_party import RelyingParty
from makersync.oidc.setup import oidc_setup


def relying_party_of(request: Request) -> RelyingParty | None:
    """One for all requests of an application, made when it is first needed; None where no provider is set up."""
    state, wiring = request.app.state, wiring_of(request)
    if not wiring.settings.oidc_issuer:
        return None
    known = getattr(state, "relying_party", None)
    if not isinstance(known, RelyingParty):
        setup = oidc_setup(wiring.settings)
        assert setup is not None
        known = state.relying_party = RelyingParty(setup, wiring.clock)
    return known


def demand_relying_party(request: Request) -> RelyingParty:
    """Raises NotFound."""
    party = relying_party_of(request)
    if party is None:
        raise NotFound("no_such_address", "There is no signing in by another account here. Sign in with a password.")
    return party


def provider_name(request: Request) -> str:
    """What people call the account at the provider; empty where no provider is set up."""
    party = relying_party_of(request)
    return "" if party is None else party.setup.name


async def is_provider_gone(request: Request) -> bool:
    """Whether members have linked accounts of a provider, and none is set up any more."""
    if relying_party_of(request) is not None:
        return False
    try:
        async with wiring_of(request).store.reading() as session:
            return await are_identities_left(session)
    except RetryLater:
        return False
