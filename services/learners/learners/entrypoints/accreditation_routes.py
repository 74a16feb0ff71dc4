"""Accreditations: operators say which provider is accredited for which issuer."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters.accreditation_repository import list_accreditations
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import accrediting
from learners.entrypoints.accreditation_bodies import AccreditationBody, EndBody
from learners.entrypoints.accreditation_views import AccreditationView, ChangedAccreditationView
from learners.entrypoints.fields import IdFilter
from learners.entrypoints.known_filters import demand_issuer, demand_provider
from learners.entrypoints.routing import LearnersRoute, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/accreditations"
ONE = COLLECTION + "/{accreditation_id}"
IssuerFilter = Annotated[str | None, Query(min_length=1, max_length=200)]


def accreditation_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["accreditations"], route_class=LearnersRoute)
    _add_granting(router, units_of_work)
    _add_reading(router, units_of_work)
    return router


def _add_granting(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ChangedAccreditationView, summary="Accredit a provider")
    async def grant(operator: Operator, wanted: AccreditationBody, creation: Creating) -> Response:
        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(operator))
            granted = await accrediting.grant_accreditation(uow, wanted.grant())
            view = ChangedAccreditationView.changed(granted, await accrediting.remarks_on(uow, granted))
            return Created(view, f"{COLLECTION}/{granted.accreditation_id}", granted.version)

        return await creation.once(make)

    @router.delete(ONE, summary="End an accreditation")
    async def end(
        operator: Operator,
        accreditation_id: str,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
        how: EndBody | None = None,
    ) -> ChangedAccreditationView:
        uow = units_of_work.at(session, requester_of(operator))
        retroactive = how is not None and how.retroactive
        ended = await accrediting.end_accreditation(uow, accreditation_id, expecting(if_match), retroactive)
        response.headers["ETag"] = etag_of(ended.version)
        return ChangedAccreditationView.changed(ended, await accrediting.remarks_on(uow, ended))


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List the accreditations")
    async def list_all_accreditations(
        _operator: Operator,
        session: Reading,
        page: PageQuery,
        provider_id: IdFilter = None,
        issuer: IssuerFilter = None,
    ) -> Page[AccreditationView]:
        await demand_provider(session, provider_id)
        await demand_issuer(session, issuer)
        found = await list_accreditations(session, provider_id, issuer, page)
        return Page(items=[AccreditationView.of(one) for one in found.items], next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read an accreditation")
    async def read_accreditation(
        operator: Operator, accreditation_id: str, session: Reading, response: Response
    ) -> AccreditationView:
        found = await units_of_work.at(session, requester_of(operator)).accreditations.get(accreditation_id)
        response.headers["ETag"] = etag_of(found.version)
        return AccreditationView.of(found)
