"""Introductions: employers ask to meet a provider's learners, and the provider answers for them."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from contracts.introduction_status import IntroductionStatus
from learners.adapters.introduction_repository import LearnerIntroductionFilter, list_introductions
from learners.adapters.learner_link_repository import list_readings
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import hiring, introducing, linking
from learners.domain.introduction import Introduction
from learners.entrypoints.ids import IntroductionPath
from learners.entrypoints.introduction_bodies import DeclineBody
from learners.entrypoints.introduction_views import LearnerIntroductionView, LearnerLinkView, ReadingView
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.keyed_hashes import keyed_hash
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction, wiring_of
from makersync.settings import Settings

COLLECTION = "/v1/introductions"
ONE = COLLECTION + "/{introduction_id}"
StatusFilter = Annotated[
    IntroductionStatus | None, Query(description="Only introductions that stand so; left out: all.", examples=["asked"])
]
LearnerFilter = Annotated[
    str | None,
    Query(max_length=120, description="Only of this learner.", examples=["lrn_01m8mx84efg85m31j5kvm7exvs"]),
]
OpeningFilter = Annotated[
    str | None,
    Query(max_length=120, description="Only for this opening.", examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"]),
]


def introduction_routes(units_of_work: LearnersUnitsOfWork, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["introductions"], route_class=LearnersRoute)
    shown = _shown(settings.confirm_hire_days)
    _add_reading(router, units_of_work, settings.confirm_hire_days)
    _add_answering(router, units_of_work, shown)
    _add_hiring(router, units_of_work, shown)
    _add_linking(router, units_of_work, settings)
    return router


def hash_of_token(request: Request) -> Callable[[str], str]:
    """How a link's token is kept: hashed with the service's secret."""
    pepper = wiring_of(request).pepper
    return lambda token: keyed_hash(pepper, token, b"learner-link:")


def last_moment(zone: tzinfo) -> linking.Latest:
    """The end of the last day on which an answer counts."""

    def latest(introduction: Introduction) -> datetime:
        after = introduction.request.answer_by + timedelta(days=1)
        return datetime.combine(after, time.min, zone).astimezone(UTC)

    return latest


_Shown = Callable[[Introduction, Response], LearnerIntroductionView]


def _shown(confirm_days: int) -> _Shown:
    def shown(introduction: Introduction, response: Response) -> LearnerIntroductionView:
        response.headers["ETag"] = etag_of(introduction.version)
        return LearnerIntroductionView.of(introduction, confirm_days)

    return shown


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork, confirm_days: int) -> None:
    shown = _shown(confirm_days)

    @router.get(COLLECTION, summary="List the introductions of one's learners")
    async def list_own_introductions(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        status: StatusFilter = None,
        learner_id: LearnerFilter = None,
        opening_id: OpeningFilter = None,
    ) -> Page[LearnerIntroductionView]:
        """Those that have ended are among them, in the order in which employers asked. `status=asked` has those that wait for
        an answer.
        """
        wanted = LearnerIntroductionFilter(status, learner_id, opening_id)
        found = await list_introductions(session, principal.tenant, wanted, page)
        return found.map(lambda one: LearnerIntroductionView.of(one, confirm_days))

    @router.get(ONE, summary="Read an introduction")
    async def read_introduction(
        principal: Reader, introduction_id: IntroductionPath, session: Reading, response: Response
    ) -> LearnerIntroductionView:
        """What the employer asks, and where it stands. The `ETag` of the answer is what an answer sends in `If-Match`."""
        return shown(await units_of_work.at(session, requester_of(principal)).introductions.get(introduction_id), response)

    @router.get(ONE + "/readings", summary="Who has read the contact, and when")
    async def list_contact_readings(
        principal: Reader, introduction_id: IntroductionPath, session: Reading, page: PageQuery
    ) -> Page[ReadingView]:
        """The readings of the learner's name and contact by the employer, the first ones first. Those within an hour are one
        record, with the first, the last and how many there were. Erasing the learner deletes them.
        """
        await units_of_work.at(session, requester_of(principal)).introductions.get(introduction_id)
        return (await list_readings(session, introduction_id, page)).map(ReadingView.of)


def _add_answering(router: APIRouter, units_of_work: LearnersUnitsOfWork, shown: _Shown) -> None:
    @router.post(ONE + "/accept", summary="Accept for the learner")
    async def accept_introduction(
        principal: Writer, introduction_id: IntroductionPath, if_match: IfMatch, session: Transaction, response: Response
    ) -> LearnerIntroductionView:
        """Opens name and contact to that employer alone, until the introduction ends: `IntroductionAccepted` is published,
        without either. Accept only with the learner's agreement.

        Refused (409) when it waits for no answer (`not_asked`), when the last day for an answer is over (`answered_late`), or
        when the learner does not seek or consent (`not_available`).
        """
        uow = units_of_work.at(session, requester_of(principal))
        return shown(await introducing.accept_introduction(uow, introduction_id, expecting(if_match)), response)

    @router.post(ONE + "/decline", summary="Decline for the learner, with the reason")
    async def decline_introduction(
        principal: Writer,
        introduction_id: IntroductionPath,
        wanted: DeclineBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> LearnerIntroductionView:
        """Final: `IntroductionDeclined` is published, and the employer cannot ask this learner again for the opening. The
        learner stays on the shortlist. Refused (409) as an acceptance is.
        """
        uow = units_of_work.at(session, requester_of(principal))
        declined = await introducing.decline_introduction(uow, introduction_id, expecting(if_match), wanted.reason)
        return shown(declined, response)

    @router.post(ONE + "/withdraw", summary="Take an acceptance back")
    async def withdraw_introduction(
        principal: Writer, introduction_id: IntroductionPath, if_match: IfMatch, session: Transaction, response: Response
    ) -> LearnerIntroductionView:
        """Closes the contact at once; `IntroductionEnded` is published with the reason `learner_withdrew`. Refused (409) when
        it is not accepted: what is only asked is declined.
        """
        uow = units_of_work.at(session, requester_of(principal))
        return shown(await introducing.withdraw_introduction(uow, introduction_id, expecting(if_match)), response)


def _add_hiring(router: APIRouter, units_of_work: LearnersUnitsOfWork, shown: _Shown) -> None:
    @router.post(ONE + "/confirm-hire", summary="Confirm a hire that the employer reports")
    async def confirm_hire(
        principal: Writer, introduction_id: IntroductionPath, if_match: IfMatch, session: Transaction, response: Response
    ) -> LearnerIntroductionView:
        """Ends the learner's search (`seeking` becomes false, `AvailabilityChanged`) and what is open of the learner's other
        introductions (`hired_elsewhere`); `HireConfirmed` is published. Without an answer a hire counts as confirmed after a
        time that operators set, seven days unless they set it otherwise. A hire that was disputed can still be confirmed.

        Refused (409) when the employer reports no hire, or when it is confirmed already.
        """
        uow = units_of_work.at(session, requester_of(principal))
        return shown(await hiring.confirm_hire(uow, introduction_id, expecting(if_match)), response)

    @router.post(ONE + "/dispute-hire", summary="Say that there is no hire")
    async def dispute_hire(
        principal: Writer, introduction_id: IntroductionPath, if_match: IfMatch, session: Transaction, response: Response
    ) -> LearnerIntroductionView:
        """The learner's search goes on, and `HireDisputed` is published: the employer is asked to undo the hire. Refused (409)
        when the employer reports no hire, or when it is confirmed or disputed already.
        """
        uow = units_of_work.at(session, requester_of(principal))
        return shown(await hiring.dispute_hire(uow, introduction_id, expecting(if_match)), response)


def _add_linking(router: APIRouter, units_of_work: LearnersUnitsOfWork, settings: Settings) -> None:
    latest = last_moment(settings.zone)

    @router.post(ONE + "/learner-link", summary="Make a link by which the learner answers")
    async def make_learner_link(
        principal: Writer,
        introduction_id: IntroductionPath,
        if_match: IfMatch,
        session: Transaction,
        request: Request,
    ) -> LearnerLinkView:
        """Send it to the learner alone: whoever has it sees what the employer asks, and may answer once for the learner. It
        stops working with the last day for an answer, after seven days, and when a new one is made. It shows nothing of the
        learner but the ids of awards.

        Refused (409) when the introduction waits for no answer.
        """
        uow = units_of_work.at(session, requester_of(principal))
        link, token = await linking.make_link(uow, introduction_id, expecting(if_match), latest, hash_of_token(request))
        return LearnerLinkView.of(link, settings.learners_address.rstrip("/"), token)
