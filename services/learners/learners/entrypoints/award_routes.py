"""Awards: what a provider's learners have earned, and what becomes of it. The version is the learner's."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from learners.adapters.desks import LearnersUnitsOfWork
from learners.application import awarding
from learners.application.awarding import REINSTATEMENT, REVOCATION, SUSPENSION, Happening
from learners.application.ports import Expectation, LearnersUnitOfWork
from learners.domain.award import Award
from learners.domain.award_sense import remarks_on
from learners.domain.learner import Learner
from learners.entrypoints.learner_bodies import AwardBody, AwardPatch, CompletionBody, RenewalBody
from learners.entrypoints.learner_routes import ONE as LEARNER
from learners.entrypoints.routing import LearnersRoute, Writer, expecting, visitor
from learners.entrypoints.views import AwardView, ChangedLearnerView
from makersync.http.idempotency import Created, Creating
from makersync.http.versions import IfMatch, etag_of
from makersync.http.warned import Warned, warnings_of
from makersync.http.wiring import Transaction

COLLECTION = LEARNER + "/awards"
ONE = COLLECTION + "/{award_id}"


class RecordedAward(AwardView, Warned):
    """A new award, with the version that it gave its learner."""

    learner_id: str
    learner_version: int

    @classmethod
    def made(cls, learner: Learner, award: Award, today: date) -> Created:
        view = cls(
            **AwardView.of(award, today).model_dump(),
            learner_id=learner.learner_id,
            learner_version=learner.version,
            warnings=warnings_of(remarks_on(award, learner.awards, today)),
        )
        return Created(view, f"/v1/learners/{learner.learner_id}/awards/{award.award_id}", learner.version)


class AwardCounter:
    """Where one award of one learner is changed, on one request."""

    def __init__(self, desk: LearnersUnitOfWork, ids: tuple[str, str], expects: Expectation, response: Response) -> None:
        self._desk = desk
        self._learner_id, self._award_id = ids
        self._expects = expects
        self._response = response

    async def change(self, happening: Happening) -> ChangedLearnerView:
        return self._shown(await awarding.change_award(self._desk, self._learner_id, self._award_id, self._expects, happening))

    async def drop(self) -> ChangedLearnerView:
        return self._shown(await awarding.drop_award(self._desk, self._learner_id, self._award_id, self._expects))

    def _shown(self, learner: Learner) -> ChangedLearnerView:
        self._response.headers["ETag"] = etag_of(learner.version)
        today, award = self._desk.clock.today(), learner.award(self._award_id)
        remarks = remarks_on(award, learner.awards, today) if award else ()
        return ChangedLearnerView.changed(learner, remarks, today)


def award_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["awards"], route_class=LearnersRoute)
    _add_recording(router, desks)
    _add_changes(router, desks)
    return router


def _add_recording(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=RecordedAward, summary="Record an award")
    async def record(principal: Writer, learner_id: str, wanted: AwardBody, creation: Creating) -> Response:
        async def make() -> Created:
            desk = desks.at(creation.session, visitor(principal))
            learner, award = await awarding.record_award(desk, learner_id, wanted.award())
            return RecordedAward.made(learner, award, desk.clock.today())

        return await creation.once(make)


def _add_changes(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    def counter(
        principal: Writer, learner_id: str, award_id: str, if_match: IfMatch, session: Transaction, response: Response
    ) -> AwardCounter:
        desk = desks.at(session, visitor(principal))
        return AwardCounter(desk, (learner_id, award_id), expecting(if_match), response)

    Counter = Annotated[AwardCounter, Depends(counter)]

    @router.patch(ONE, summary="Correct the dates of an award")
    async def correct(counter: Counter, wanted: AwardPatch) -> ChangedLearnerView:
        return await counter.change(awarding.correction(wanted.rewrite))

    @router.delete(ONE, summary="Remove an award that should not be there")
    async def remove(counter: Counter) -> ChangedLearnerView:
        return await counter.drop()

    @router.post(ONE + "/renewal", summary="Give an award a later end")
    async def renew(counter: Counter, wanted: RenewalBody) -> ChangedLearnerView:
        return await counter.change(awarding.renewal(wanted.expires_on))

    @router.post(ONE + "/completion", summary="What was in progress is earned")
    async def complete(counter: Counter, wanted: CompletionBody) -> ChangedLearnerView:
        return await counter.change(awarding.completion(wanted.issued_on, wanted.expires_on))

    @router.post(ONE + "/suspension", summary="Suspend an award")
    async def suspend(counter: Counter) -> ChangedLearnerView:
        return await counter.change(SUSPENSION)

    @router.post(ONE + "/reinstatement", summary="Lift the suspension of an award")
    async def reinstate(counter: Counter) -> ChangedLearnerView:
        return await counter.change(REINSTATEMENT)

    @router.post(ONE + "/revocation", summary="Revoke an award, for good")
    async def revoke(counter: Counter) -> ChangedLearnerView:
        return await counter.change(REVOCATION)
