"""Learners: a provider registers its own, keeps profile and consent, and erases them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters.desks import LearnersUnitsOfWork
from learners.adapters.listings import LearnerFilter, Listings
from learners.adapters.market_listings import MarketListings
from learners.application import registration
from learners.domain.learner import remarks_on
from learners.entrypoints.fields import IdFilter
from learners.entrypoints.known_filters import demand_credential
from learners.entrypoints.learner_bodies import ConsentBody, LearnerBody, LearnerPatch, SearchBody
from learners.entrypoints.market_views import LearnerMatchView, MatchPage
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, visitor
from learners.entrypoints.views import (
    ChangedLearnerView,
    LearnerView,
    PersonalLearnerView,
    RevisedLearnerView,
    SearchView,
    learner_view,
    personal_view,
)
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from reference.region_filter import RegionFilter

COLLECTION = "/v1/learners"
ONE = COLLECTION + "/{learner_id}"
LiveFilter = Annotated[bool | None, Query(description="Whether the matches hold now; left out: both.")]


def learner_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["learners"], route_class=LearnersRoute)
    _add_registration(router, desks)
    _add_reading(router, desks)
    _add_revision(router, desks)
    return router


def _add_registration(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ChangedLearnerView, summary="Register a learner")
    async def register(principal: Writer, wanted: LearnerBody, creation: Creating) -> Response:
        async def make() -> Created:
            desk = desks.at(creation.session, visitor(principal))
            learner = await registration.register_learner(desk, principal.tenant, wanted.profile(), wanted.consents_to_matching)
            view = ChangedLearnerView.changed(learner, remarks_on(learner.availability, desks.medians), desk.clock.today())
            return Created(view, f"{COLLECTION}/{learner.learner_id}", learner.version)

        return await creation.once(make)

    @router.delete(ONE, status_code=204, summary="Erase a learner, for good")
    async def erase(principal: Writer, learner_id: str, if_match: IfMatch, session: Transaction) -> None:
        desk = desks.at(session, visitor(principal))
        await registration.erase_learner(desk, learner_id, expecting(if_match))


def _add_reading(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List one's learners")
    async def list_own(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        seeking: Annotated[bool | None, Query()] = None,
        region: RegionFilter = None,
        credential: IdFilter = None,
    ) -> Page[PersonalLearnerView]:
        wanted, listings = LearnerFilter(seeking, region, credential), Listings(session)
        await demand_credential(listings, credential)
        found = await listings.learners(principal.tenant, wanted, page)
        items = [personal_view(one.learner, one.person, desks.clock.today()) for one in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read a learner")
    async def read(principal: Reader, learner_id: str, session: Reading, response: Response) -> PersonalLearnerView:
        desk = desks.at(session, visitor(principal))
        learner = await desk.learners.get(learner_id)
        response.headers["ETag"] = etag_of(learner.version)
        return personal_view(learner, await desk.learners.person(learner_id), desks.clock.today())

    @router.get(ONE + "/matches", summary="The matches of a learner")
    async def list_matches(
        principal: Reader, learner_id: str, session: Reading, page: PageQuery, live: LiveFilter = None
    ) -> MatchPage:
        await desks.at(session, visitor(principal)).learners.get(learner_id)
        market = MarketListings(session)
        found = await market.matches(learner_id, live, page)
        items = [LearnerMatchView.model_validate(one, from_attributes=True) for one in found.items]
        live_count = await market.live_matches(learner_id)
        return MatchPage(items=items, next_cursor=found.next_cursor, live_count=live_count)


def _add_revision(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.patch(ONE, summary="Change profile and availability")
    async def revise(
        principal: Writer,
        learner_id: str,
        wanted: LearnerPatch,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> RevisedLearnerView:
        desk = desks.at(session, visitor(principal))
        learner, person = await registration.revise_learner(desk, learner_id, expecting(if_match), wanted.rewrite)
        response.headers["ETag"] = etag_of(learner.version)
        remarks = remarks_on(learner.availability, desks.medians)
        return RevisedLearnerView.revised(learner, person, remarks, desks.clock.today())

    @router.put(ONE + "/seeking-since", summary="Import since when a learner seeks, for operators")
    async def import_search(
        operator: Operator, learner_id: str, wanted: SearchBody, session: Transaction, response: Response
    ) -> SearchView:
        desk = desks.at(session, visitor(operator))
        learner = await registration.import_search(desk, learner_id, wanted.seeking_since, wanted.reason)
        response.headers["ETag"] = etag_of(learner.version)
        return SearchView(learner_id=learner_id, seeking_since=wanted.seeking_since, version=learner.version)

    @router.put(ONE + "/consent", summary="Give or withdraw the consent to be matched")
    async def decide_consent(
        principal: Writer,
        learner_id: str,
        wanted: ConsentBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> LearnerView:
        desk = desks.at(session, visitor(principal))
        learner = await registration.decide_consent(desk, learner_id, expecting(if_match), wanted.consents_to_matching)
        response.headers["ETag"] = etag_of(learner.version)
        return learner_view(learner, desks.clock.today())
