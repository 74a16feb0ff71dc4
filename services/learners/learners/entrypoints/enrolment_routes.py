"""Enrolments: a provider's learners work towards credentials in its cohorts."""

from fastapi import APIRouter, Response

from learners.adapters import enrolment_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import enrolling
from learners.entrypoints.award_views import AwardView, RecordedAwardView
from learners.entrypoints.cohort_routes import ONE as COHORT
from learners.entrypoints.cohort_views import CohortView
from learners.entrypoints.enrolment_bodies import EnrolmentBody
from learners.entrypoints.enrolment_views import EnrolmentView
from learners.entrypoints.ids import CohortPath, LearnerPath
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = COHORT + "/enrolments"


def enrolment_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["cohorts"], route_class=LearnersRoute)

    @router.post(COLLECTION, status_code=201, response_model=RecordedAwardView, summary="Enrol a learner")
    async def enrol_learner(principal: Writer, cohort_id: CohortPath, wanted: EnrolmentBody, creation: Creating) -> Response:
        """The learner takes a seat and gets an award in progress, expected when the cohort ends: that award is the answer. The
        versions of learner and cohort grow, and an event is published for each.

        Refused (409) when the cohort is cancelled, and (422) when it has ended or is full, when the learner is not the
        provider's, has the credential already, or works towards it.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner, award = await enrolling.enrol(uow, cohort_id, wanted.learner_id)
            return RecordedAwardView.made(learner, award, uow.clock.today())

        return await creation.once(make)

    @router.delete(COLLECTION + "/{learner_id}", summary="Withdraw a learner who is under way")
    async def withdraw_learner(
        principal: Writer,
        cohort_id: CohortPath,
        learner_id: LearnerPath,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> CohortView:
        """The award in progress is removed and the seat becomes free. `If-Match` has the cohort's version. Refused (404) when
        the learner has no seat, and (409) when the credential is recorded as earned.
        """
        uow = units_of_work.at(session, requester_of(principal))
        cohort = await enrolling.withdraw(uow, cohort_id, learner_id, expecting(if_match))
        response.headers["ETag"] = etag_of(cohort.version)
        return CohortView.of(cohort)

    @router.get(COLLECTION, summary="List who is enrolled")
    async def list_enrolments(
        principal: Reader, cohort_id: CohortPath, session: Reading, page: PageQuery
    ) -> Page[EnrolmentView]:
        """The awards that hold a seat of the cohort, in progress or earned since, each with its learner's id."""
        await units_of_work.at(session, requester_of(principal)).cohorts.get(cohort_id)
        found = await enrolment_repository.list_enrolments(session, cohort_id, page)
        today = units_of_work.clock.today()
        items = [EnrolmentView(**AwardView.of(award, today).model_dump(), learner_id=who) for who, award in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    return router
