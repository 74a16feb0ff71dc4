"""Learners: a provider registers its own, keeps profile and consent, and erases them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters.learner_repository import LearnerFilter, list_learners
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import registering
from learners.domain.learner import remarks_on
from learners.entrypoints.fields import IdFilter
from learners.entrypoints.known_filters import demand_credential
from learners.entrypoints.learner_bodies import ConsentBody, LearnerBody, LearnerPatch, SearchBody
from learners.entrypoints.learner_views import (
    ChangedLearnerView,
    LearnerView,
    PersonalLearnerView,
    RevisedLearnerView,
    SearchView,
    learner_view,
    personal_view,
)
from learners.entrypoints.routing import LearnersRoute, Reader, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from reference.region_filter import RegionFilter

COLLECTION = "/v1/learners"
ONE = COLLECTION + "/{learner_id}"


def learner_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["learners"], route_class=LearnersRoute)
    _add_registration(router, units_of_work)
    _add_reading(router, units_of_work)
    _add_revision(router, units_of_work)
    return router


def _add_registration(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ChangedLearnerView, summary="Register a learner")
    async def register(principal: Writer, wanted: LearnerBody, creation: Creating) -> Response:
        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            learner = await registering.register_learner(uow, principal.tenant, wanted.profile(), wanted.consents_to_matching)
            view = ChangedLearnerView.changed(
                learner, remarks_on(learner.availability, units_of_work.medians), uow.clock.today()
            )
            return Created(view, f"{COLLECTION}/{learner.learner_id}", learner.version)

        return await creation.once(make)

    @router.delete(ONE, status_code=204, summary="Erase a learner, for good")
    async def erase(principal: Writer, learner_id: str, if_match: IfMatch, session: Transaction) -> None:
        uow = units_of_work.at(session, requester_of(principal))
        await registering.erase_learner(uow, learner_id, expecting(if_match))


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List one's learners")
    async def list_own_learners(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        seeking: Annotated[bool | None, Query()] = None,
        region: RegionFilter = None,
        credential: IdFilter = None,
    ) -> Page[PersonalLearnerView]:
        await demand_credential(session, credential)
        found = await list_learners(session, principal.tenant, LearnerFilter(seeking, region, credential), page)
        items = [personal_view(one.learner, one.person, units_of_work.clock.today()) for one in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read a learner")
    async def read_learner(principal: Reader, learner_id: str, session: Reading, response: Response) -> PersonalLearnerView:
        uow = units_of_work.at(session, requester_of(principal))
        learner = await uow.learners.get(learner_id)
        response.headers["ETag"] = etag_of(learner.version)
        return personal_view(learner, await uow.learners.person(learner_id), units_of_work.clock.today())


def _add_revision(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.patch(ONE, summary="Change profile and availability")
    async def revise_learner(
        principal: Writer,
        learner_id: str,
        wanted: LearnerPatch,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> RevisedLearnerView:
        uow = units_of_work.at(session, requester_of(principal))
        learner, person = await registering.revise_learner(uow, learner_id, expecting(if_match), wanted.rewrite)
        response.headers["ETag"] = etag_of(learner.version)
        remarks = remarks_on(learner.availability, units_of_work.medians)
        return RevisedLearnerView.revised(learner, person, remarks, units_of_work.clock.today())

    @router.put(ONE + "/seeking-since", summary="Import since when a learner seeks, for operators")
    async def import_search(
        operator: Operator, learner_id: str, wanted: SearchBody, session: Transaction, response: Response
    ) -> SearchView:
        uow = units_of_work.at(session, requester_of(operator))
        learner = await registering.import_search(uow, learner_id, wanted.seeking_since, wanted.reason)
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
        uow = units_of_work.at(session, requester_of(principal))
        learner = await registering.decide_consent(uow, learner_id, expecting(if_match), wanted.consents_to_matching)
        response.headers["ETag"] = etag_of(learner.version)
        return learner_view(learner, units_of_work.clock.today())
