"""Proposals: providers propose definitions, operators decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters.desks import LearnersUnitsOfWork
from learners.adapters.listings import Listings
from learners.application import cataloguing
from learners.application.ports import LearnersUnitOfWork
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.entrypoints.catalog_bodies import ApprovalBody, ProposalBody, RejectionBody
from learners.entrypoints.catalog_views import ExaminedProposalView, ProposalView, ProposedView
from learners.entrypoints.routing import LearnersRoute, Onlooker, Writer, expecting, visitor
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/catalog/proposals"
ONE = COLLECTION + "/{proposal_id}"
StatusFilter = Annotated[ProposalStatus | None, Query()]


def proposal_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["catalog"], route_class=LearnersRoute)
    _add_proposing(router, desks)
    _add_deciding(router, desks)
    return router


def _add_proposing(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ProposedView, summary="Propose a definition")
    async def propose(principal: Writer, wanted: ProposalBody, creation: Creating) -> Response:
        async def make() -> Created:
            desk = desks.at(creation.session, visitor(principal))
            wish = wanted.definition(wanted.id)
            proposal, namesakes = await cataloguing.propose_credential(desk, principal.tenant, wish)
            return Created(ProposedView.proposed(proposal, namesakes), f"{COLLECTION}/{proposal.proposal_id}", proposal.version)

        return await creation.once(make)

    @router.get(COLLECTION, summary="List one's own proposals; for operators, all")
    async def list_proposals(
        principal: Onlooker, session: Reading, page: PageQuery, status: StatusFilter = None
    ) -> Page[ProposalView]:
        found = await Listings(session).proposals(principal.organisation_id, status, page)
        return Page(items=[ProposalView.of(one) for one in found.items], next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read a proposal, with what it reaches for")
    async def read(principal: Onlooker, proposal_id: str, session: Reading, response: Response) -> ExaminedProposalView:
        desk = desks.at(session, visitor(principal))
        return await _examined(desk, await desk.proposals.get(proposal_id), response)


def _add_deciding(router: APIRouter, desks: LearnersUnitsOfWork) -> None:
    @router.post(ONE + "/approval", summary="Approve and publish what was proposed")
    async def approve(
        operator: Operator,
        proposal_id: str,
        wanted: ApprovalBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> ProposalView:
        desk = desks.at(session, visitor(operator))
        decided = await cataloguing.approve_proposal(desk, proposal_id, expecting(if_match), wanted.acceptance())
        response.headers["ETag"] = etag_of(decided.version)
        return ProposalView.of(decided)

    @router.post(ONE + "/rejection", summary="Reject a proposal, with the reason")
    async def reject(
        operator: Operator,
        proposal_id: str,
        wanted: RejectionBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> ProposalView:
        desk = desks.at(session, visitor(operator))
        decided = await cataloguing.reject_proposal(desk, proposal_id, expecting(if_match), wanted.reason)
        response.headers["ETag"] = etag_of(decided.version)
        return ProposalView.of(decided)


async def _examined(desk: LearnersUnitOfWork, proposal: Proposal, response: Response) -> ExaminedProposalView:
    response.headers["ETag"] = etag_of(proposal.version)
    pending = proposal.status is ProposalStatus.PENDING
    return ExaminedProposalView.examined(proposal, await cataloguing.examine(desk, proposal) if pending else Findings())
