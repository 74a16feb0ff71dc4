"""Search of the catalog: what an employer can ask for."""

from typing import Annotated

from fastapi import APIRouter, Query

from makersync.http.pagination import Page, PageQuery
from makersync.http.wiring import Reading
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.entrypoints.access import Reader
from openings.entrypoints.catalog_views import KnownCompetencyView, KnownCredentialView
from openings.entrypoints.routing import OpeningsRoute

Words = Annotated[
    str,
    Query(max_length=200, description="Words that must all occur, whatever their case; empty: all.", examples=["milling"]),
]


def catalog_routes() -> APIRouter:
    router = APIRouter(prefix="/v1/catalog", tags=["catalog"], route_class=OpeningsRoute)

    @router.get("/credentials", summary="Search credentials by id, name, issuer and aliases")
    async def search_credentials(
        _principal: Reader, session: Reading, page: PageQuery, q: Words = ""
    ) -> Page[KnownCredentialView]:
        """What an alternative of a requirement can name as `credential`, in the order of the ids. Parts of words are found too.
        This service has a copy of the catalog: a definition that an operator has just approved follows within moments."""
        found = await CatalogCopyRepository(session).credentials(q, page)
        return found.map(lambda row: KnownCredentialView.model_validate(row, from_attributes=True))

    @router.get("/competencies", summary="Search competencies by id and name")
    async def search_competencies(
        _principal: Reader, session: Reading, page: PageQuery, q: Words = ""
    ) -> Page[KnownCompetencyView]:
        """What an alternative of a requirement can name as `competency`, in the order of the ids. Parts of words are found too.
        This service has a copy of the catalog: a competency that was just added follows within moments."""
        found = await CatalogCopyRepository(session).competencies(q, page)
        return found.map(lambda row: KnownCompetencyView.model_validate(row, from_attributes=True))

    return router
