"""Training providers: operators add and restore them."""

from fastapi import APIRouter, Response

from learners.adapters.provider_repository import list_providers
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application.admitting import add_provider, restore_provider
from learners.entrypoints.provider_bodies import ProviderBody
from learners.entrypoints.provider_views import AddedProviderView, ProviderView
from learners.entrypoints.routing import LearnersRoute, ReaderOrOperator, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/providers"


def provider_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["providers"], route_class=LearnersRoute)

    @router.post(COLLECTION, status_code=201, response_model=AddedProviderView, summary="Bring in a provider")
    async def create(operator: Operator, wanted: ProviderBody, creation: Creating) -> Response:
        async def make() -> Created:
            provider, remarks = await add_provider(units_of_work.at(creation.session, requester_of(operator)), wanted.name)
            return Created(AddedProviderView.added(provider, remarks), f"{COLLECTION}/{provider.provider_id}", provider.version)

        return await creation.once(make)

    @router.post(COLLECTION + "/{organisation_id}/restoration", summary="Bring back a provider that was lost, with its id")
    async def restore(
        operator: Operator, organisation_id: str, wanted: ProviderBody, session: Transaction, response: Response
    ) -> AddedProviderView:
        """One that is there is not changed (409), but for a name that was lost."""
        provider, remarks = await restore_provider(
            units_of_work.at(session, requester_of(operator)), organisation_id, wanted.name
        )
        response.headers["ETag"] = etag_of(provider.version)
        return AddedProviderView.added(provider, remarks)

    @router.get(COLLECTION, summary="List the providers")
    async def list_all_providers(_operator: Operator, session: Reading, page: PageQuery) -> Page[ProviderView]:
        found = await list_providers(session, page)
        return Page(items=[ProviderView.of(one) for one in found.items], next_cursor=found.next_cursor)

    @router.get(COLLECTION + "/{provider_id}", summary="Read a provider: one's own, or any for operators")
    async def read_provider(
        principal: ReaderOrOperator, provider_id: str, session: Reading, response: Response
    ) -> ProviderView:
        provider = await units_of_work.at(session, requester_of(principal)).providers.get(provider_id)
        response.headers["ETag"] = etag_of(provider.version)
        return ProviderView.of(provider)

    return router
