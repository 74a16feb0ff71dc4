"""Employers: operators admit them and hand out their keys."""

from fastapi import APIRouter, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.idempotency import Created, Creating
from makersync.http.key_routes import KeyHolders, key_routes
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.wiring import Reading, Transaction
from openings.adapters.desks import OpeningsUnitsOfWork
from openings.adapters.employers import EmployerRepository
from openings.adapters.tables import EmployerRow
from openings.application.admission import admit_employer, restore_employer
from openings.entrypoints.access import SCOPES, Reader, scope_of
from openings.entrypoints.bodies import EmployerBody
from openings.entrypoints.refusing import OpeningsRoute
from openings.entrypoints.views import AdmittedEmployerView, EmployerView

COLLECTION = "/v1/employers"


def employer_routes(desks: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["employers"], route_class=OpeningsRoute)

    @router.post(COLLECTION, status_code=201, response_model=AdmittedEmployerView, summary="Admit an employer")
    async def admit(operator: Operator, wanted: EmployerBody, creation: Creating) -> Response:
        async def make() -> Created:
            employer, remarks = await admit_employer(desks.at(creation.session, None, operator.key_id), wanted.name)
            return Created(AdmittedEmployerView.admitted(employer, remarks), f"{COLLECTION}/{employer.employer_id}")

        return await creation.once(make)

    @router.post(COLLECTION + "/{organisation_id}/restoration", summary="Bring back an employer that was lost, with its id")
    async def restore(
        operator: Operator, organisation_id: str, wanted: EmployerBody, session: Transaction
    ) -> AdmittedEmployerView:
        """One that is there is not changed (409), but for a name that was lost."""
        desk = desks.at(session, None, operator.key_id)
        return AdmittedEmployerView.admitted(*await restore_employer(desk, organisation_id, wanted.name))

    @router.get(COLLECTION, summary="List employers, newest first")
    async def list_employers(_operator: Operator, session: Reading, page: PageQuery) -> Page[EmployerView]:
        found = await EmployerRepository(session, None).listed(page)
        return Page(items=[EmployerView.of(employer) for employer in found.items], next_cursor=found.next_cursor)

    @router.get(COLLECTION + "/{employer_id}", summary="Read an employer; one's own, or any for an operator")
    async def read_employer(principal: Reader, employer_id: str, session: Reading) -> EmployerView:
        return EmployerView.of(await EmployerRepository(session, scope_of(principal)).get(employer_id))

    return router


def employer_key_routes() -> APIRouter:
    """Keys of employers, through the kit."""
    return key_routes(KeyHolders("employers", SCOPES, employer_exists))


async def employer_exists(session: AsyncSession, organisation_id: str) -> bool:
    return await session.get(EmployerRow, organisation_id) is not None
