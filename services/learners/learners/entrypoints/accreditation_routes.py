"""Accreditations: operators say which provider is accredited for which issuer."""

from fastapi import APIRouter, Response

from learners.adapters import accreditation_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import accrediting
from learners.entrypoints.accreditation_bodies import AccreditationBody, EndBody
from learners.entrypoints.accreditation_views import AccreditationView, ChangedAccreditationView
from learners.entrypoints.fields import IssuerFilter, ProviderFilter
from learners.entrypoints.ids import AccreditationPath
from learners.entrypoints.known_filters import demand_issuer, demand_provider
from learners.entrypoints.routing import LearnersRoute, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/accreditations"
ONE = COLLECTION + "/{accreditation_id}"


def accreditation_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["accreditations"], route_class=LearnersRoute)
    _add_granting(router, units_of_work)
    _add_ending(router, units_of_work)
    _add_reading(router, units_of_work)
    return router


def _add_granting(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ChangedAccreditationView, summary="Accredit a provider")
    async def accredit_provider(operator: Operator, wanted: AccreditationBody, creation: Creating) -> Response:
        """What the provider records of the issuer while the accreditation lasts is `verified`. The evidence of awards that
        were recorded before is derived again within seconds, with an `AwardVerified` event for each learner whose awards
        change.

        Refused (422) when there is no such provider, or when no definition of the catalog has the issuer. A warning names
        other accreditations that cover the same.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(operator))
            granted = await accrediting.grant_accreditation(uow, wanted.grant())
            view = ChangedAccreditationView.changed(granted, await accrediting.remarks_on(uow, granted))
            return Created(view, f"{COLLECTION}/{granted.accreditation_id}", granted.version)

        return await creation.once(make)


def _add_ending(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.delete(ONE, summary="End an accreditation")
    async def end_accreditation(
        operator: Operator,
        accreditation_id: AccreditationPath,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
        how: EndBody | None = None,
    ) -> ChangedAccreditationView:
        """It covers nothing from now on, and what it verified stays verified. With `retroactive` it never counted: awards that
        no other accreditation covers become `attested`, with an `AwardCorrected` event for each learner, and openings that ask
        for verified evidence may lose their matches. The accreditation itself stays on record.

        Refused (409) when it has ended already, unless the end is now made retroactive.
        """
        uow = units_of_work.at(session, requester_of(operator))
        ending = accrediting.AccreditationEnd() if how is None else how.ending()
        ended = await accrediting.end_accreditation(uow, accreditation_id, expecting(if_match), ending)
        response.headers["ETag"] = etag_of(ended.version)
        return ChangedAccreditationView.changed(ended, await accrediting.remarks_on(uow, ended))


def _add_reading(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COLLECTION, summary="List the accreditations")
    async def list_accreditations(
        _operator: Operator,
        session: Reading,
        page: PageQuery,
        provider_id: ProviderFilter = None,
        issuer: IssuerFilter = None,
    ) -> Page[AccreditationView]:
        """All that were ever granted, those that have ended among them."""
        await demand_provider(session, provider_id)
        await demand_issuer(session, issuer)
        found = await accreditation_repository.list_accreditations(session, provider_id, issuer, page)
        return found.map(AccreditationView.of)

    @router.get(ONE, summary="Read an accreditation")
    async def read_accreditation(
        operator: Operator, accreditation_id: AccreditationPath, session: Reading, response: Response
    ) -> AccreditationView:
        """The `ETag` of the answer is what ending it sends in `If-Match`."""
        found = await units_of_work.at(session, requester_of(operator)).accreditations.get(accreditation_id)
        response.headers["ETag"] = etag_of(found.version)
        return AccreditationView.of(found)
