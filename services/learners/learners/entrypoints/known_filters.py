"""Filters that name a thing: one that does not exist is refused, so that a misspelt id does not look like an empty list."""

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_repository import has_credential, has_issuer
from learners.adapters.provider_repository import provider_exists
from makersync.http.problems import ValidationProblem


async def demand_credential(session: AsyncSession, credential: str | None) -> None:
    """Raises ValidationProblem."""
    if credential is not None and not await has_credential(session, credential):
        raise ValidationProblem.of("credential", "unknown_credential", "must be the id of a definition in the catalog")


async def demand_provider(session: AsyncSession, provider_id: str | None) -> None:
    """For operators, who may know. Raises ValidationProblem."""
    if provider_id is not None and not await provider_exists(session, provider_id):
        raise ValidationProblem.of("provider_id", "unknown_provider", "must be the id of a provider")


async def demand_issuer(session: AsyncSession, issuer: str | None) -> None:
    """Raises ValidationProblem."""
    if issuer is not None and not await has_issuer(session, issuer):
        raise ValidationProblem.of("issuer", "unknown_issuer", "must be the issuer of a definition in the catalog")
