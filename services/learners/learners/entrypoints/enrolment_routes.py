"""Enrolments: which of a provider's learners work towards a credential in which of its cohorts."""

from fastapi import APIRouter, Response

from learners.adapters.desks import LearnersUnitsOfWork
from learners.adapters.listings import Listings
from learners.application import attending
from learners.entrypoints.award_routes import RecordedAward
from learners.entrypoints.catalog_bodies import EnrolmentBody
from learners.entrypoints.cohort_routes import ONE as COHORT
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, visitor
from learners.entrypoints.views import AwardView, CohortView, EnrolmentView
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = COHORT + "/enrolments"


def enrolment_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["cohorts"], route_class=LearnersRoute)

    @router.post(COLLECTION, status_code=201, response_model=RecordedAward, summary="Enrol a learner")
    async def enrol(principal: Writer, cohort_id: str, wanted: EnrolmentBody, creation: Creating) -> Response:
        """The answer is the award that is now in progress, with its learner's version."""

        async def make() -> Created:
            desk = desks.at(creation.session, visitor(principal))
            learner, award = await attending.enrol(desk, cohort_id, wanted.learner_id)
            return RecordedAward.made(learner, award, desk.clock.today())

        return await creation.once(make)

    @router.delete(COLLECTION + "/{learner_id}", summary="Withdraw a learner who is under way")
    async def withdraw(
        principal: Writer, cohort_id: str, learner_id: str, if_match: IfMatch, session: Transaction, response: Response
    ) -> CohortView:
        """The version is the cohort's."""
        desk = desks.at(session, visitor(principal))
        cohort = await attending.withdraw(desk, cohort_id, learner_id, expecting(if_match))
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)

    @router.get(COLLECTION, summary="List who is enrolled")
    async def list_enrolled(principal: Reader, cohort_id: str, session: Reading, page: PageQuery) -> Page[EnrolmentView]:
        await desks.at(session, visitor(principal)).cohorts.get(cohort_id)
        found = await Listings(session).enrolments(cohort_id, page)
        today = desks.clock.today()
        items = [EnrolmentView(**AwardView.of(award, today).model_dump(), learner_id=who) for who, award in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    return router
