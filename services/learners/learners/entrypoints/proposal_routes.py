"""Proposals: providers propose definitions, operators decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters import proposal_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import proposing
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.entrypoints.proposal_bodies import ApprovalBody, ProposalBody, RejectionBody
from learners.entrypoints.proposal_views import ExaminedProposalView, ProposalView, ProposedView
from learners.entrypoints.routing import LearnersRoute, ReaderOrOperator, Writer, expecting, requester_of
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.security import Operator
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction

COLLECTION = "/v1/catalog/proposals"
ONE = COLLECTION + "/{proposal_id}"
StatusFilter = Annotated[ProposalStatus | None, Query()]


def proposal_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["catalog"], route_class=LearnersRoute)
    _add_proposing(router, units_of_work)
    _add_deciding(router, units_of_work)
    return router


def _add_proposing(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ProposedView, summary="Propose a definition")
    async def propose(principal: Writer, wanted: ProposalBody, creation: Creating) -> Response:
        async def make() -> Created:
            uow = units_of_work.at(creation.session, requester_of(principal))
            wish = wanted.definition(wanted.id)
            proposal, namesakes = await proposing.propose_credential(uow, principal.tenant, wish)
            return Created(ProposedView.proposed(proposal, namesakes), f"{COLLECTION}/{proposal.proposal_id}", proposal.version)

        return await creation.once(make)

    @router.get(COLLECTION, summary="List one's own proposals; for operators, all")
    async def list_proposals(
        principal: ReaderOrOperator, session: Reading, page: PageQuery, status: StatusFilter = None
    ) -> Page[ProposalView]:
        found = await proposal_repository.list_proposals(session, principal.organisation_id, status, page)
        return Page(items=[ProposalView.of(one) for one in found.items], next_cursor=found.next_cursor)

    @router.get(ONE, summary="Read a proposal, with what it reaches for")
    async def read_proposal(
        principal: ReaderOrOperator, proposal_id: str, session: Reading, response: Response
    ) -> ExaminedProposalView:
        uow = units_of_work.at(session, requester_of(principal))
        return await _examined(uow, await uow.proposals.get(proposal_id), response)


def _add_deciding(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(ONE + "/approval", summary="Approve and publish what was proposed")
    async def approve(
        operator: Operator,
        proposal_id: str,
        wanted: ApprovalBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> ProposalView:
        uow = units_of_work.at(session, requester_of(operator))
        decided = await proposing.approve_proposal(uow, proposal_id, expecting(if_match), wanted.acceptance())
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
        uow = units_of_work.at(session, requester_of(operator))
        decided = await proposing.reject_proposal(uow, proposal_id, expecting(if_match), wanted.reason)
        response.headers["ETag"] = etag_of(decided.version)
        return ProposalView.of(decided)


async def _examined(uow: LearnersUnitOfWork, proposal: Proposal, response: Response) -> ExaminedProposalView:
    response.headers["ETag"] = etag_of(proposal.version)
    pending = proposal.status is ProposalStatus.PENDING
    return ExaminedProposalView.examined(proposal, await proposing.examine(uow, proposal) if pending else Findings())
