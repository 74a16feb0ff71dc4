"""Cohorts: a provider plans, revises and cancels its own."""

from fastapi import APIRouter, Response

from learners.adapters import cohort_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import planning
from learners.domain.cohort import remarks_on
from learners.entrypoints.cohort_bodies import CohortBody, CohortPatch
from learners.entrypoints.cohort_views import CohortView, PlannedCohortView
from learners.entrypoints.fields import CredentialFilter
from learners.entrypoints.ids import CohortPath
from learners.entrypoints.known_filters import demand_credential
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from reference.region_filter import RegionFilter

COLLECTION = "/v1/cohorts"
ONE = COLLECTION + "/{cohort_id}"


def cohort_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["cohorts"], route_class=LearnersRoute)
    _add_planning(router, units_of_work)
    _add_reading(router, units_of_work)
    return router


def _add_planning(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=PlannedCohortView, summary="Plan a cohort")
    async def plan_cohort(principal: Writer, wanted: CohortBody, creation: Creating) -> Response:
        """The cohort's open seats count as supply to come in its region, if it ends within 180 days (MARKET.md section 12);
        `CohortPlanned` is published. Region and credential never change: a cohort that moves is cancelled and planned again.

        Refused (422) when the catalog does not have the credential or has retired it, when the region is unknown, when
        `enrolled` is above `seats`, or when a date is impossible. Warnings say what looks odd.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            cohort = await planning.plan_cohort(uow, principal.tenant, wanted.credential, wanted.region, wanted.plan())
            view = PlannedCohortView.planned(cohort, remarks_on(cohort.plan, uow.clock.today()))
            return Created(view, f"{COLLECTION}/{cohort.cohort_id}", cohort.version)

        return await creation.once(make)

    @router.patch(ONE, summary="Revise a cohort")
    async def revise_cohort(
        principal: Writer,
        cohort_id: CohortPath,
        wanted: CohortPatch,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> PlannedCohortView:
        """What is left out stays. Another `ends_on` moves the `expected_on` of every learner under way, and so the version of
        each; `CohortRevised` is published for the cohort. Nothing happens when nothing changes.

        Refused (409) once the cohort is cancelled, and (422) when `enrolled` would be below the learners enrolled here or
        above `seats`.
        """
        uow = units_of_work.at(session, requester_of(principal))
        cohort = await planning.revise_cohort(uow, cohort_id, expecting(if_match), wanted.rewrite)
        response.headers["ETag"] = etag_of(cohort.version)
        return PlannedCohortView.planned(cohort, remarks_on(cohort.plan, uow.clock.today()))

    @router.delete(ONE, summary="Cancel a cohort")
    async def cancel_cohort(
        principal: Writer, cohort_id: CohortPath, if_match: IfMatch, session: Transaction, response: Response
    ) -> CohortView:
        """For good: its seats are no supply any more, and the awards of learners under way are removed. What was earned in it
        stays, and so does the cohort on record. `CohortCancelled` is published. Refused (409) when it is cancelled already.
        """
        uow = units_of_work.at(session, requester_of(principal))
        cohort = await planning.cancel_cohort(uow, cohort_id, expecting(if_match))
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List one's cohorts")
    async def list_own_cohorts(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        region: RegionFilter = None,
        credential: CredentialFilter = None,
    ) -> Page[CohortView]:
        """The provider's own cohorts, those that have ended or were cancelled among them."""
        await demand_credential(session, credential)
        found = await cohort_repository.list_cohorts(session, principal.tenant, region, credential, page)
        return found.map(CohortView.of)

    @router.get(ONE, summary="Read a cohort")
    async def read_cohort(principal: Reader, cohort_id: CohortPath, session: Reading, response: Response) -> CohortView:
        """One of the provider's own. The `ETag` of the answer is what changes of the cohort send in `If-Match`."""
        cohort = await units_of_work.at(session, requester_of(principal)).cohorts.get(cohort_id)
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)
