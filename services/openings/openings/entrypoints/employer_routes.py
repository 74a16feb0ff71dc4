"""Employers: operators admit them and issue their keys."""

from fastapi import APIRouter, Response

from makersync.http.idempotency import Created, Creating
from makersync.http.key_routes import KeyHolders, key_routes
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.wiring import Reading, Transaction
from openings.adapters.employer_repository import EmployerRepository, employer_exists
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import admitting
from openings.entrypoints.access import SCOPES, Reader, scope_of
from openings.entrypoints.employer_bodies import EmployerBody
from openings.entrypoints.employer_views import AdmittedEmployerView, EmployerView
from openings.entrypoints.fields import EmployerPath
from openings.entrypoints.routing import OpeningsRoute

COLLECTION = "/v1/employers"


def employer_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["employers"], route_class=OpeningsRoute)

    @router.post(COLLECTION, status_code=201, response_model=AdmittedEmployerView, summary="Admit an employer")
    async def admit_employer(operator: Operator, wanted: EmployerBody, creation: Creating) -> Response:
        """The employer has no key yet: issue one under the id of the answer. That another employer has the same name is only
        warned of, since two may share one. Refused with 422 when the name is not one line of text that people can see."""

        async def make() -> Created:
            uow = units_of_work.at(creation.session, None, operator.actor_id)
            employer, remarks = await admitting.admit_employer(uow, wanted.name)
            return Created(AdmittedEmployerView.admitted(employer, remarks), f"{COLLECTION}/{employer.employer_id}")

        return await creation.once(make)

    @router.post(COLLECTION + "/{organisation_id}/restoration", summary="Restore a lost employer under its id")
    async def restore_employer(
        operator: Operator, organisation_id: EmployerPath, wanted: EmployerBody, session: Transaction
    ) -> AdmittedEmployerView:
        """For an employer that was lost with the database, and whose id its openings still carry. One that exists under this
        name is left as it is, and a lost name is replaced. Refused with 409 when the employer exists under another name, and
        with 422 when the id is not one that this service could have given."""
        uow = units_of_work.at(session, None, operator.actor_id)
        return AdmittedEmployerView.admitted(*await admitting.restore_employer(uow, organisation_id, wanted.name))

    @router.get(COLLECTION, summary="List employers, newest first")
    async def list_employers(_operator: Operator, session: Reading, page: PageQuery) -> Page[EmployerView]:
        """Every employer that was admitted or restored, whether it has keys or not. Openings and the routes of keys name them
        by their ids."""
        found = await EmployerRepository(session, None).listed(page)
        return found.map(EmployerView.of)

    @router.get(COLLECTION + "/{employer_id}", summary="Read an employer: the caller's own, or any for an operator")
    async def read_employer(principal: Reader, employer_id: EmployerPath, session: Reading) -> EmployerView:
        """An employer reads itself alone: another employer is answered with 404, like one that does not exist. Its own id
        stands in each of its openings."""
        return EmployerView.of(await EmployerRepository(session, scope_of(principal)).get(employer_id))

    return router


def employer_key_routes() -> APIRouter:
    """The routes of employers' keys, which the kit has."""
    return key_routes(KeyHolders("employers", SCOPES, employer_exists))
