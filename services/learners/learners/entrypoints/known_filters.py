"""Filters that name a thing: one that is not there is refused, lest a misspelt id answer like an empty list."""

from learners.adapters.listings import Listings
from makersync.http.problems import ValidationProblem


async def demand_credential(listings: Listings, credential: str | None) -> None:
    """Raises ValidationProblem."""
    if credential is not None and not await listings.has_credential(credential):
        raise ValidationProblem.of("credential", "unknown_credential", "must be the id of a definition in the catalog")


async def demand_provider(listings: Listings, provider_id: str | None) -> None:
    """For operators, who may know. Raises ValidationProblem."""
    if provider_id is not None and not await listings.has_provider(provider_id):
        raise ValidationProblem.of("provider_id", "unknown_provider", "must be the id of a provider")


async def demand_issuer(listings: Listings, issuer: str | None) -> None:
    """Raises ValidationProblem."""
    if issuer is not None and not await listings.has_issuer(issuer):
        raise ValidationProblem.of("issuer", "unknown_issuer", "must be the issuer of a definition in the catalog")
