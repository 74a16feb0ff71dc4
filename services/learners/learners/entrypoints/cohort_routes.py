"""Cohorts: a provider plans, revises and cancels its own."""

from fastapi import APIRouter, Response

from learners.adapters.desks import LearnersUnitsOfWork
from learners.adapters.listings import Listings
from learners.application import planning
from learners.domain.cohort import remarks_on
from learners.entrypoints.catalog_bodies import CohortBody, CohortPatch
from learners.entrypoints.fields import IdFilter
from learners.entrypoints.known_filters import demand_credential
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, visitor
from learners.entrypoints.views import CohortView, PlannedCohortView
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from reference.region_filter import RegionFilter

COLLECTION = "/v1/cohorts"
ONE = COLLECTION + "/{cohort_id}"


def cohort_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["cohorts"], route_class=LearnersRoute)
    _add_planning(router, desks)
    _add_reading(router, desks)
    return router


def _add_planning(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=PlannedCohortView, summary="Plan a cohort")
    async def plan(principal: Writer, wanted: CohortBody, creation: Creating) -> Response:
        async def make() -> Created:
            desk = desks.at(creation.session, visitor(principal))
            cohort = await planning.plan_cohort(desk, principal.tenant, wanted.credential, wanted.region, wanted.plan())
            view = PlannedCohortView.planned(cohort, remarks_on(cohort.plan, desk.clock.today()))
            return Created(view, f"{COLLECTION}/{cohort.cohort_id}", cohort.version)

        return await creation.once(make)

    @router.patch(ONE, summary="Revise a cohort")
    async def revise(
        principal: Writer,
        cohort_id: str,
        wanted: CohortPatch,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> PlannedCohortView:
        desk = desks.at(session, visitor(principal))
        cohort = await planning.revise_cohort(desk, cohort_id, expecting(if_match), wanted.rewrite)
        response.headers["ETag"] = etag_of(cohort.version)
        return PlannedCohortView.planned(cohort, remarks_on(cohort.plan, desk.clock.today()))

    @router.delete(ONE, summary="Cancel a cohort")
    async def cancel(
        principal: Writer, cohort_id: str, if_match: IfMatch, session: Transaction, response: Response
    ) -> CohortView:
        desk = desks.at(session, visitor(principal))
        cohort = await planning.cancel_cohort(desk, cohort_id, expecting(if_match))
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)


def _add_reading(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List one's cohorts")
    async def list_own(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        region: RegionFilter = None,
        credential: IdFilter = None,
    ) -> Page[CohortView]:
        listings = Listings(session)
        await demand_credential(listings, credential)
        found = await listings.cohorts(principal.tenant, region, credential, page)
        return Page(items=[CohortView.of(one) for one in found.items], next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read a cohort")
    async def read(principal: Reader, cohort_id: str, session: Reading, response: Response) -> CohortView:
        cohort = await desks.at(session, visitor(principal)).cohorts.get(cohort_id)
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)
