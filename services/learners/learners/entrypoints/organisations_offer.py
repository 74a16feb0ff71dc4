"""What operators do with training providers on pages."""

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters import provider_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import admitting
from learners.domain.provider import Provider
from learners.entrypoints.routing import READ, WRITE, requester_of
from makersync.http.pagination import Page, PageRequest
from makersync.pages.organisations import ListedOrganisation, OrganisationsOffer
from makersync.pages.visit import Visit

_FURTHER = {"Accreditations of this provider": "/accreditations?provider_id={organisation_id}"}


def providers_offer(units_of_work: LearnersUnitsOfWork) -> OrganisationsOffer:
    async def admit(visit: Visit, name: str) -> str:
        uow = units_of_work.at(visit.session, requester_of(visit.signed_in.principal))
        provider, _ = await admitting.add_provider(uow, name)
        return provider.provider_id

    return OrganisationsOffer("provider", (READ, WRITE), _listed, admit, _FURTHER)


async def _listed(session: AsyncSession, page: PageRequest) -> Page[ListedOrganisation]:
    return (await provider_repository.list_providers(session, page)).map(_listed_one)


def _listed_one(provider: Provider) -> ListedOrganisation:
    return ListedOrganisation(provider.provider_id, provider.name, provider.created_at)
