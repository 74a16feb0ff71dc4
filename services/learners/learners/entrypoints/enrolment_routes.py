"""Enrolments: a provider's learners work towards credentials in its cohorts."""

from fastapi import APIRouter, Response

from learners.adapters.enrolment_repository import list_enrolments
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import enrolling
from learners.entrypoints.award_views import AwardView, RecordedAwardView
from learners.entrypoints.cohort_routes import ONE as COHORT
from learners.entrypoints.cohort_views import CohortView
from learners.entrypoints.enrolment_bodies import EnrolmentBody
from learners.entrypoints.enrolment_views import EnrolmentView
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = COHORT + "/enrolments"


def enrolment_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["cohorts"], route_class=LearnersRoute)

    @router.post(COLLECTION, status_code=201, response_model=RecordedAwardView, summary="Enrol a learner")
    async def enrol(principal: Writer, cohort_id: str, wanted: EnrolmentBody, creation: Creating) -> Response:
        """The answer is the award that is now in progress, with its learner's version."""

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner, award = await enrolling.enrol(uow, cohort_id, wanted.learner_id)
            return RecordedAwardView.made(learner, award, uow.clock.today())

        return await creation.once(make)

    @router.delete(COLLECTION + "/{learner_id}", summary="Withdraw a learner who is under way")
    async def withdraw(
        principal: Writer, cohort_id: str, learner_id: str, if_match: IfMatch, session: Transaction, response: Response
    ) -> CohortView:
        """The version is the cohort's."""
        uow = units_of_work.at(session, requester_of(principal))
        cohort = await enrolling.withdraw(uow, cohort_id, learner_id, expecting(if_match))
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)

    @router.get(COLLECTION, summary="List who is enrolled")
    async def list_enrolled(principal: Reader, cohort_id: str, session: Reading, page: PageQuery) -> Page[EnrolmentView]:
        await units_of_work.at(session, requester_of(principal)).cohorts.get(cohort_id)
        found = await list_enrolments(session, cohort_id, page)
        today = units_of_work.clock.today()
        items = [EnrolmentView(**AwardView.of(award, today).model_dump(), learner_id=who) for who, award in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    return router
