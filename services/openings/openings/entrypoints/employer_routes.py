"""Employers: operators admit them and issue their keys."""

from fastapi import APIRouter, Response

from makersync.http.idempotency import Created, Creating
from makersync.http.key_routes import KeyHolders, key_routes
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.wiring import Reading, Transaction
from openings.adapters.employer_repository import EmployerRepository, employer_exists
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application.admitting import admit_employer, restore_employer
from openings.entrypoints.access import SCOPES, Reader, scope_of
from openings.entrypoints.employer_bodies import EmployerBody
from openings.entrypoints.employer_views import AdmittedEmployerView, EmployerView
from openings.entrypoints.routing import OpeningsRoute

COLLECTION = "/v1/employers"


def employer_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["employers"], route_class=OpeningsRoute)

    @router.post(COLLECTION, status_code=201, response_model=AdmittedEmployerView, summary="Admit an employer")
    async def admit(operator: Operator, wanted: EmployerBody, creation: Creating) -> Response:
        async def make() -> Created:
            uow = units_of_work.at(creation.session, None, operator.key_id)
            employer, remarks = await admit_employer(uow, wanted.name)
            return Created(AdmittedEmployerView.admitted(employer, remarks), f"{COLLECTION}/{employer.employer_id}")

        return await creation.once(make)

    @router.post(COLLECTION + "/{organisation_id}/restoration", summary="Restore a lost employer under its id")
    async def restore(
        operator: Operator, organisation_id: str, wanted: EmployerBody, session: Transaction
    ) -> AdmittedEmployerView:
        """An employer that exists is not changed (409), except that a lost name is replaced."""
        uow = units_of_work.at(session, None, operator.key_id)
        return AdmittedEmployerView.admitted(*await restore_employer(uow, organisation_id, wanted.name))

    @router.get(COLLECTION, summary="List employers, newest first")
    async def list_employers(_operator: Operator, session: Reading, page: PageQuery) -> Page[EmployerView]:
        found = await EmployerRepository(session, None).listed(page)
        return Page(items=[EmployerView.of(employer) for employer in found.items], next_cursor=found.next_cursor)

    @router.get(COLLECTION + "/{employer_id}", summary="Read an employer: the caller's own, or any for an operator")
    async def read_employer(principal: Reader, employer_id: str, session: Reading) -> EmployerView:
        return EmployerView.of(await EmployerRepository(session, scope_of(principal)).get(employer_id))

    return router


def employer_key_routes() -> APIRouter:
    """The routes of employers' keys, which the kit has."""
    return key_routes(KeyHolders("employers", SCOPES, employer_exists))
