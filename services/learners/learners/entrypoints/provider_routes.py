"""Training providers: operators add and restore them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from learners.adapters import provider_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import admitting
from learners.entrypoints.ids import ProviderPath
from learners.entrypoints.provider_bodies import ProviderBody
from learners.entrypoints.provider_views import AddedProviderView, ProviderView
from learners.entrypoints.routing import LearnersRoute, ReaderOrOperator, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/providers"
LostProviderPath = Annotated[
    str,
    Path(description="Id that the provider had: `prv_` and 26 characters.", examples=["prv_01m8mx84ypv8jnze9ync437qkh"]),
]


def provider_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["providers"], route_class=LearnersRoute)

    @router.post(COLLECTION, status_code=201, response_model=AddedProviderView, summary="Bring in a provider")
    async def add_provider(operator: Operator, wanted: ProviderBody, creation: Creating) -> Response:
        """The provider can do nothing before it is issued a key. No event is published. A warning names providers of the same
        name: it may be there already.
        """

        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(operator))
            provider, remarks = await admitting.add_provider(uow, wanted.name)
            return Created(AddedProviderView.added(provider, remarks), f"{COLLECTION}/{provider.provider_id}", provider.version)

        return await creation.once(make)

    @router.post(COLLECTION + "/{organisation_id}/restoration", summary="Bring back a provider that was lost, with its id")
    async def restore_provider(
        operator: Operator, organisation_id: LostProviderPath, wanted: ProviderBody, session: Transaction, response: Response
    ) -> AddedProviderView:
        """For a provider that a restored database no longer has, while the topics know its id. Its learners and cohorts come
        back by reconciling, its keys are issued again. Nothing happens when it is there under this name.

        Refused (409) when it is there under another name, unless that name was lost, and (422) when the id is none of a
        provider.
        """
        uow = units_of_work.at(session, requester_of(operator))
        provider, remarks = await admitting.restore_provider(uow, organisation_id, wanted.name)
        response.headers["ETag"] = etag_of(provider.version)
        return AddedProviderView.added(provider, remarks)

    @router.get(COLLECTION, summary="List the providers")
    async def list_providers(_operator: Operator, session: Reading, page: PageQuery) -> Page[ProviderView]:
        """All providers that operators have brought in. A provider is never removed; it loses its keys."""
        found = await provider_repository.list_providers(session, page)
        return found.map(ProviderView.of)

    @router.get(COLLECTION + "/{provider_id}", summary="Read a provider: one's own, or any for operators")
    async def read_provider(
        principal: ReaderOrOperator, provider_id: ProviderPath, session: Reading, response: Response
    ) -> ProviderView:
        """A provider's key is answered 404 for another provider, whether or not there is one."""
        provider = await units_of_work.at(session, requester_of(principal)).providers.get(provider_id)
        response.headers["ETag"] = etag_of(provider.version)
        return ProviderView.of(provider)

    return router
