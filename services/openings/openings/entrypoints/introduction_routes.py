"""Introductions: an employer asks to meet candidates, follows the answers, and reads contacts that an acceptance opened."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introduction_status import IntroductionStatus
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from openings.adapters.introduction_repository import IntroductionFilter, IntroductionRequestRepository
from openings.adapters.provider_copies import provider_names
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import asking, contacting
from openings.domain.introduction import IntroductionRequest
from openings.entrypoints.access import Reader, Writer, scope_of
from openings.entrypoints.fields import OPENING_EXAMPLE, IntroductionPath, OpeningPath
from openings.entrypoints.introduction_bodies import IntroductionBody
from openings.entrypoints.introduction_views import CandidacyView, ContactAccessView, IntroductionView
from openings.entrypoints.routing import OpeningsRoute

COLLECTION = "/v1/introductions"
ONE = COLLECTION + "/{introduction_id}"

OpeningQuery = Annotated[
    str | None, Query(max_length=120, description="Only introductions of this opening.", examples=[OPENING_EXAMPLE])
]
StatusQuery = Annotated[
    IntroductionStatus | None, Query(description="Only introductions with this status.", examples=["accepted"])
]


async def introduction_views(session: AsyncSession, introductions: Sequence[IntroductionRequest]) -> list[IntroductionView]:
    """The introductions, each with whether its learner is still a candidate."""
    pairs = [(each.opening_id, each.learner_id) for each in introductions]
    reasons = await ShortlistRepository(session).reasons(pairs)
    names = await provider_names(session, [each.provider_id for each in introductions])
    candidacies = [
        CandidacyView(on_shortlist=reasons.get(pair, "") is None, reason=reasons.get(pair) or None) for pair in pairs
    ]
    return [
        IntroductionView.of(each, candidacy, names.get(each.provider_id))
        for each, candidacy in zip(introductions, candidacies, strict=True)
    ]


async def introduction_view(session: AsyncSession, introduction: IntroductionRequest, response: Response) -> IntroductionView:
    response.headers["ETag"] = etag_of(introduction.shown_version)
    [view] = await introduction_views(session, [introduction])
    return view


def introduction_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["introductions"], route_class=OpeningsRoute)
    _add_asking(router, units_of_work)
    _add_reading(router)
    _add_withdrawing(router, units_of_work)
    _add_contact_access(router, units_of_work)
    return router


def _add_asking(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(
        "/v1/openings/{opening_id}/introductions",
        status_code=201,
        response_model=IntroductionView,
        summary="Ask to meet a candidate",
    )
    async def ask_for_introduction(
        principal: Writer, opening_id: OpeningPath, body: IntroductionBody, creation: Creating
    ) -> Response:
        """The learner's provider sees the job, its pay and place, the outcomes and what you write, and accepts or declines for
        the learner, or lets the learner answer. Name and contact are shown after an acceptance alone. The event
        `IntroductionRequested` follows. Refused with 409 when the learner is not on the shortlist at this moment, when an
        introduction of the two is open, or when the answer to one was no; and with 429 when the opening has asked too often
        within 24 hours."""

        async def make() -> Created:
            uow = units_of_work.at(creation.session, principal.tenant)
            asked = await asking.ask_for_introduction(uow, opening_id, body.wanted())
            [view] = await introduction_views(creation.session, [asked])
            return Created(view, f"{COLLECTION}/{view.introduction_id}", view.version)

        return await creation.once(make)


def _add_reading(router: APIRouter) -> None:
    @router.get(COLLECTION, summary="List introductions, newest first")
    async def list_introductions(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        opening_id: OpeningQuery = None,
        status: StatusQuery = None,
    ) -> Page[IntroductionView]:
        """An employer gets its own, an operator those of everyone. A candidate stays here when it leaves the shortlist, and
        `candidate` says so."""
        introductions = IntroductionRequestRepository(session, scope_of(principal))
        found = await introductions.listed(IntroductionFilter(opening_id, status), page)
        views = await introduction_views(session, found.items)
        return Page[IntroductionView](items=views, next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read an introduction")
    async def read_introduction(
        principal: Reader, introduction_id: IntroductionPath, response: Response, session: Reading
    ) -> IntroductionView:
        """An employer reads its own, an operator any; another employer's is answered with 404, like one that does not exist.
        The `ETag` is the version, which every change demands as `If-Match`."""
        introduction = await IntroductionRequestRepository(session, scope_of(principal)).get(introduction_id)
        return await introduction_view(session, introduction, response)


def _add_withdrawing(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(ONE + "/withdraw", summary="Withdraw an introduction")
    async def withdraw_introduction(
        principal: Writer, introduction_id: IntroductionPath, if_match: IfMatch, response: Response, session: Transaction
    ) -> IntroductionView:
        """You no longer ask, whether there is an answer or not, and any access to the contact ends. The event
        `IntroductionWithdrawn` follows. Refused with 409 when the introduction has ended, and with 412 when the version is not
        current, such as after an answer."""
        uow = units_of_work.at(session, principal.tenant)
        withdrawn = await asking.withdraw_introduction(uow, introduction_id, if_match.demand)
        return await introduction_view(session, withdrawn, response)


def _add_contact_access(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(
        ONE + "/contact-access",
        status_code=201,
        response_model=ContactAccessView,
        summary="Get access to an accepted candidate's name and contact",
    )
    async def grant_contact_access(principal: Writer, introduction_id: IntroductionPath, creation: Creating) -> Response:
        """The answer has an address in the learners service, which alone knows the learner, and a token for it: send it there
        as bearer token. This service keeps nothing of the token but a digest. It works for 24 hours unless the operators have
        set another time, ends with the introduction, and replaces the token before it. Until the learners service knows it,
        for a few seconds at most, that address answers 404: try again. Refused with 409 unless the introduction is accepted."""

        async def make() -> Created:
            uow = units_of_work.at(creation.session, principal.tenant)
            granted = await contacting.grant_contact_access(uow, introduction_id)
            again = Created(ContactAccessView.of(granted, repeated=True))
            return Created(ContactAccessView.of(granted), repeated=again)

        return await creation.once(make)
