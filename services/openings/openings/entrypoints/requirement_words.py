"""Requirement groups as sentences."""

from collections.abc import Iterable, Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.domain.opening import Alternative, Group, WantedCompetency, WantedCredential


async def groups_in_words(session: AsyncSession, groups: Iterable[Group]) -> Mapping[str, str]:
    """What each group asks for, by its id."""
    groups = list(groups)
    wanted = [each for group in groups for each in group.any_of]
    catalog = CatalogCopyRepository(session)
    credentials = await catalog.credential_names({each.credential for each in wanted if isinstance(each, WantedCredential)})
    competencies = await catalog.competency_names({each.competency for each in wanted if isinstance(each, WantedCompetency)})

    def words(alternative: Alternative) -> str:
        if isinstance(alternative, WantedCredential):
            return credentials.get(alternative.credential, alternative.credential)
        name = competencies.get(alternative.competency, alternative.competency)
        return f"{name} at level {alternative.level} or above"

    return {group.id: " or ".join(map(words, group.any_of)) for group in groups}
