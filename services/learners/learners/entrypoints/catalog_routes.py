"""The catalog: everybody reads it, operators define and revise."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from learners.adapters import catalog_repository
from learners.adapters.retirement_repository import RetirementRepository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import cataloguing
from learners.application.unit_of_work import Expectation
from learners.domain.errors import Absent
from learners.entrypoints.catalog_bodies import CompetencyBody, DefinitionBody
from learners.entrypoints.catalog_views import CompetencyView, CredentialView, DefinedCompetencyView, DefinedCredentialView
from learners.entrypoints.fields import IssuerFilter
from learners.entrypoints.ids import CompetencyPath, CredentialPath
from learners.entrypoints.known_filters import demand_issuer
from learners.entrypoints.routing import LearnersRoute, ReaderOrOperator, requester_of
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import etag_of, parse_if_match
from makersync.http.wiring import Reading, Transaction

CREDENTIALS = "/v1/catalog/credentials"
COMPETENCIES = "/v1/catalog/competencies"


def _expects(
    if_match: Annotated[
        str | None,
        Header(
            description="ETag of the version to revise, in quotes, or `*`; left out for what the catalog does not have yet.",
            examples=['"3"'],
        ),
    ] = None,
) -> Expectation:
    def expects(version: int) -> None:
        if version or if_match is not None:
            parse_if_match(if_match).demand(version)

    return expects


#: A PUT makes what is not there (version 0), and demands If-Match for what is.
ExpectsOrMakes = Annotated[Callable[[int], None], Depends(_expects)]


def catalog_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["catalog"], route_class=LearnersRoute)
    _add_credentials(router, units_of_work)
    _add_competencies(router, units_of_work)
    return router


def _add_credentials(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(CREDENTIALS, summary="List the credential definitions")
    async def list_credentials(
        _principal: ReaderOrOperator, session: Reading, page: PageQuery, issuer: IssuerFilter = None
    ) -> Page[CredentialView]:
        """The approved definitions by id, those that are retired among them."""
        await demand_issuer(session, issuer)
        found = await catalog_repository.list_credentials(session, issuer, page)
        retired = await RetirementRepository(session).among([one.definition.id for one in found.items])
        return found.map(lambda one: CredentialView.of(one, retired.get(one.definition.id)))

    @router.get(CREDENTIALS + "/{credential_id}", summary="Read a credential definition")
    async def read_credential(
        principal: ReaderOrOperator, credential_id: CredentialPath, session: Reading, response: Response
    ) -> CredentialView:
        """With its retirement, if operators have retired it. A proposal is no definition before it is approved."""
        uow = units_of_work.at(session, requester_of(principal))
        found = await uow.catalog.credential(credential_id)
        if found is None:
            raise Absent
        response.headers["ETag"] = etag_of(found.version)
        return CredentialView.of(found, await uow.retirements.of(credential_id))

    @router.put(CREDENTIALS + "/{credential_id}", summary="Define a credential, or revise its definition")
    async def define_credential(
        operator: Operator,
        credential_id: CredentialPath,
        wanted: DefinitionBody,
        expects: ExpectsOrMakes,
        session: Transaction,
        response: Response,
    ) -> DefinedCredentialView:
        """The whole definition is replaced, and what is left out is emptied. Matching takes it at once, so matches, pathways
        and shortages of learners who hold the credential may change. Nothing happens when it is the same already.

        A definition that exists is revised with `If-Match` alone (428 without it, 412 when the version is not current). Refused
        (422) when it names what the catalog does not have, or when its issuer would change. A warning names definitions of the
        issuer that have its name or an alias.
        """
        uow = units_of_work.at(session, requester_of(operator))
        defined = await cataloguing.define_credential(uow, wanted.definition(credential_id), expects)
        response.headers["ETag"] = etag_of(defined.version)
        namesakes = await cataloguing.namesakes_of(uow, defined.definition)
        return DefinedCredentialView.defined(defined, await uow.retirements.of(credential_id), namesakes)


def _add_competencies(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.get(COMPETENCIES, summary="List the competencies")
    async def list_competencies(_principal: ReaderOrOperator, session: Reading, page: PageQuery) -> Page[CompetencyView]:
        """By id. Definitions confer competencies at a level, and openings ask for them."""
        found = await catalog_repository.list_competencies(session, page)
        return found.map(CompetencyView.of)

    @router.get(COMPETENCIES + "/{competency_id}", summary="Read a competency")
    async def read_competency(
        principal: ReaderOrOperator, competency_id: CompetencyPath, session: Reading, response: Response
    ) -> CompetencyView:
        """The `ETag` of the answer is what renaming it sends in `If-Match`."""
        found = (await units_of_work.at(session, requester_of(principal)).catalog.competencies([competency_id])).get(
            competency_id
        )
        if found is None:
            raise Absent
        response.headers["ETag"] = etag_of(found.version)
        return CompetencyView.of(found)

    @router.put(COMPETENCIES + "/{competency_id}", summary="Define a competency, or rename it")
    async def define_competency(
        operator: Operator,
        competency_id: CompetencyPath,
        wanted: CompetencyBody,
        expects: ExpectsOrMakes,
        session: Transaction,
        response: Response,
    ) -> DefinedCompetencyView:
        """A new competency can be conferred by definitions and asked for by openings from now on. A new name changes no match.

        One that exists is renamed with `If-Match` alone (428 without it, 412 when the version is not current). A warning names
        competencies of the same name.
        """
        uow = units_of_work.at(session, requester_of(operator))
        defined = await cataloguing.define_competency(uow, competency_id, wanted.name, expects)
        response.headers["ETag"] = etag_of(defined.version)
        return DefinedCompetencyView.defined(defined, await cataloguing.remarks_on_competency(uow, defined))
