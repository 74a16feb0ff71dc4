"""Awards: what a provider's learners have earned, and what becomes of it. Their version is that of the learner."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import awarding
from learners.application.awarding import REINSTATEMENT, REVOCATION, SUSPENSION, AwardTransition
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.award_dates import remarks_on
from learners.domain.learner import Learner
from learners.entrypoints.award_bodies import AwardBody, AwardPatch, CompletionBody, RenewalBody
from learners.entrypoints.award_views import RecordedAwardView
from learners.entrypoints.learner_routes import ONE as LEARNER
from learners.entrypoints.learner_views import ChangedLearnerView
from learners.entrypoints.routing import LearnersRoute, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Transaction

COLLECTION = LEARNER + "/awards"
ONE = COLLECTION + "/{award_id}"


class AwardEditing:
    """Changes one award of one learner, within one request."""

    def __init__(self, uow: LearnersUnitOfWork, ids: tuple[str, str], expects: Expectation, response: Response) -> None:
        self._uow = uow
        self._learner_id, self._award_id = ids
        self._expects = expects
        self._response = response

    async def change(self, transition: AwardTransition) -> ChangedLearnerView:
        return self._shown(await awarding.change_award(self._uow, self._learner_id, self._award_id, self._expects, transition))

    async def drop(self) -> ChangedLearnerView:
        return self._shown(await awarding.drop_award(self._uow, self._learner_id, self._award_id, self._expects))

    def _shown(self, learner: Learner) -> ChangedLearnerView:
        self._response.headers["ETag"] = etag_of(learner.version)
        today, award = self._uow.clock.today(), learner.award(self._award_id)
        remarks = remarks_on(award, learner.awards, today) if award else ()
        return ChangedLearnerView.changed(learner, remarks, today)


def award_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["awards"], route_class=LearnersRoute)
    _add_recording(router, units_of_work)
    _add_changes(router, units_of_work)
    return router


def _add_recording(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=RecordedAwardView, summary="Record an award")
    async def record(principal: Writer, learner_id: str, wanted: AwardBody, creation: Creating) -> Response:
        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner, award = await awarding.record_award(uow, learner_id, wanted.award())
            return RecordedAwardView.made(learner, award, uow.clock.today())

        return await creation.once(make)


def _add_changes(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    def editing(
        principal: Writer, learner_id: str, award_id: str, if_match: IfMatch, session: Transaction, response: Response
    ) -> AwardEditing:
        uow = units_of_work.at(session, requester_of(principal))
        return AwardEditing(uow, (learner_id, award_id), expecting(if_match), response)

    Editing = Annotated[AwardEditing, Depends(editing)]

    @router.patch(ONE, summary="Correct the dates of an award")
    async def correct(award: Editing, wanted: AwardPatch) -> ChangedLearnerView:
        return await award.change(awarding.correction(wanted.rewrite))

    @router.delete(ONE, summary="Remove an award that should not be there")
    async def remove(award: Editing) -> ChangedLearnerView:
        return await award.drop()

    @router.post(ONE + "/renewal", summary="Give an award a later end")
    async def renew(award: Editing, wanted: RenewalBody) -> ChangedLearnerView:
        return await award.change(awarding.renewal(wanted.expires_on))

    @router.post(ONE + "/completion", summary="What was in progress is earned")
    async def complete(award: Editing, wanted: CompletionBody) -> ChangedLearnerView:
        return await award.change(awarding.completion(wanted.issued_on, wanted.expires_on))

    @router.post(ONE + "/suspension", summary="Suspend an award")
    async def suspend(award: Editing) -> ChangedLearnerView:
        return await award.change(SUSPENSION)

    @router.post(ONE + "/reinstatement", summary="Lift the suspension of an award")
    async def reinstate_award(award: Editing) -> ChangedLearnerView:
        return await award.change(REINSTATEMENT)

    @router.post(ONE + "/revocation", summary="Revoke an award, for good")
    async def revoke(award: Editing) -> ChangedLearnerView:
        return await award.change(REVOCATION)
