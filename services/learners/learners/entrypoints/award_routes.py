"""Awards: what a provider's learners have earned, and what becomes of it. Their version is that of the learner."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from learners.adapters.ending_awards import list_ending_awards
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import awarding
from learners.application.awarding import REINSTATEMENT, REVOCATION, SUSPENSION, AwardTransition
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.award_dates import remarks_on
from learners.domain.learner import Learner
from learners.entrypoints.award_bodies import AwardBody, AwardPatch, CompletionBody, RenewalBody
from learners.entrypoints.award_views import EndingAwardView, RecordedAwardView
from learners.entrypoints.ids import AwardPath, LearnerPath
from learners.entrypoints.learner_routes import ONE as LEARNER
from learners.entrypoints.learner_views import ChangedLearnerView
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = LEARNER + "/awards"
ONE = COLLECTION + "/{award_id}"
WithinDays = Annotated[int, Query(ge=1, le=366, description="In at most how many days they end.", examples=[90])]


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
    _add_ending(router, units_of_work)
    _add_recording(router, units_of_work)
    editing = _editing(units_of_work)
    _add_corrections(router, editing)
    _add_progress(router, editing)
    _add_standing(router, editing)
    return router


def _add_ending(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get("/v1/awards/ending", summary="Which awards of one's learners end soon")
    async def list_awards_about_to_end(
        principal: Reader, session: Reading, page: PageQuery, within: WithinDays = 90
    ) -> Page[EndingAwardView]:
        """Awards in force that end within so many days, the first to end first, so that they can be renewed in time. Left out
        are those that another award of the same credential outlives. The feed tells of each 14 and 3 days ahead, unless
        operators set it otherwise.
        """
        today = units_of_work.clock.today()
        found = await list_ending_awards(session, principal.tenant, today, within, page)
        return found.map(lambda one: EndingAwardView.of(one, today))


def _editing(units_of_work: LearnersUnitsOfWork) -> object:
    def editing(
        principal: Writer,
        learner_id: LearnerPath,
        award_id: AwardPath,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> AwardEditing:
        uow = units_of_work.at(session, requester_of(principal))
        return AwardEditing(uow, (learner_id, award_id), expecting(if_match), response)

    return Depends(editing)


def _add_recording(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=RecordedAwardView, summary="Record an award")
    async def record_award(principal: Writer, learner_id: LearnerPath, wanted: AwardBody, creation: Creating) -> Response:
        """The award becomes part of the learner, whose version grows; `AwardRecorded` is published to the regions of the
        reach. It is `verified` if the provider is accredited for the issuer now. One that is in force counts for matches at
        once.

        Refused (422) when the catalog does not have the credential or has retired it, when a date is impossible, or when the
        learner has 200 awards already. Warnings say what looks odd, such as an award that the learner has already.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner, award = await awarding.record_award(uow, learner_id, wanted.award())
            return RecordedAwardView.made(learner, award, uow.clock.today())

        return await creation.once(make)


def _add_corrections(router: APIRouter, editing: object) -> None:
    Editing = Annotated[AwardEditing, editing]

    @router.patch(ONE, summary="Correct the dates of an award")
    async def correct_award(award: Editing, wanted: AwardPatch) -> ChangedLearnerView:
        """For dates that were recorded wrongly. The provider answers for the award once more, so its evidence is derived from
        the accreditations of now. `If-Match` has the learner's version. Refused (409) once the award is revoked.
        """
        return await award.change(awarding.correction(wanted.rewrite))

    @router.delete(ONE, summary="Remove an award that should not be there")
    async def remove_award(award: Editing) -> ChangedLearnerView:
        """For what was never earned, whatever its status: the learner's record loses it, and its seat in a cohort becomes free.
        Matches that rest on it end. An award that was taken back by its issuer is revoked instead. `If-Match` has the
        learner's version.
        """
        return await award.drop()


def _add_progress(router: APIRouter, editing: object) -> None:
    Editing = Annotated[AwardEditing, editing]

    @router.post(ONE + "/renewal", summary="Give an award a later end")
    async def renew_award(award: Editing, wanted: RenewalBody) -> ChangedLearnerView:
        """An award that has expired is in force again. Its evidence is derived from the accreditations of now. `If-Match` has
        the learner's version. Refused (409) unless the award is `active`, and (422) unless the new end is later.
        """
        return await award.change(awarding.renewal(wanted.expires_on))

    @router.post(ONE + "/completion", summary="What was in progress is earned")
    async def complete_award(award: Editing, wanted: CompletionBody) -> ChangedLearnerView:
        """The award becomes `active`, which is published as `AwardRecorded`; a seat in a cohort stays taken. The end of a
        cohort completes no award. `If-Match` has the learner's version. Refused (409) unless it is `in_progress`.
        """
        return await award.change(awarding.completion(wanted.issued_on, wanted.expires_on))


def _add_standing(router: APIRouter, editing: object) -> None:
    Editing = Annotated[AwardEditing, editing]

    @router.post(ONE + "/suspension", summary="Suspend an award")
    async def suspend_award(award: Editing) -> ChangedLearnerView:
        """The award is not in force until it is reinstated, and matches that rest on it end. `If-Match` has the learner's
        version. Refused (409) unless the award is `active`.
        """
        return await award.change(SUSPENSION)

    @router.post(ONE + "/reinstatement", summary="Lift the suspension of an award")
    async def reinstate_award(award: Editing) -> ChangedLearnerView:
        """The award is `active` again, with its dates as they were and evidence from the accreditations of now. `If-Match` has
        the learner's version. Refused (409) unless the award is `suspended`.
        """
        return await award.change(REINSTATEMENT)

    @router.post(ONE + "/revocation", summary="Revoke an award, for good")
    async def revoke_award(award: Editing) -> ChangedLearnerView:
        """The award is never in force again, and matches that rest on it end. It stays on the learner's record, and can only be
        removed. `If-Match` has the learner's version. Refused (409) unless the award is `active` or `suspended`.
        """
        return await award.change(REVOCATION)
