"""What operators do with employers on pages."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.pagination import Page, PageRequest
from makersync.pages.organisations import ListedOrganisation, OrganisationsOffer
from makersync.pages.visit import Visit
from openings.adapters.employer_repository import EmployerRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import admitting
from openings.domain.employer import Employer
from openings.entrypoints.access import SCOPES


def employers_offer(units_of_work: OpeningsUnitsOfWork) -> OrganisationsOffer:
    async def admit(visit: Visit, name: str) -> str:
        uow = units_of_work.at(visit.session, None, visit.signed_in.principal.actor_id)
        employer, _ = await admitting.admit_employer(uow, name)
        return employer.employer_id

    return OrganisationsOffer("employer", SCOPES, _listed, admit)


async def _listed(session: AsyncSession, page: PageRequest) -> Page[ListedOrganisation]:
    return (await EmployerRepository(session, None).listed(page)).map(_listed_one)


def _listed_one(employer: Employer) -> ListedOrganisation:
    return ListedOrganisation(employer.employer_id, employer.name, employer.created_at)
