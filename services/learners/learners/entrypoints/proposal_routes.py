"""Proposals: providers propose definitions, operators decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learners.adapters import proposal_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import proposing
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.proposal import Findings, Proposal, ProposalStatus
from learners.entrypoints.ids import ProposalPath
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
StatusFilter = Annotated[
    ProposalStatus | None, Query(description="Only proposals that stand so; left out: all.", examples=["pending"])
]


def proposal_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["catalog"], route_class=LearnersRoute)
    _add_proposing(router, units_of_work)
    _add_deciding(router, units_of_work)
    return router


def _add_proposing(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(COLLECTION, status_code=201, response_model=ProposedView, summary="Propose a definition")
    async def propose_credential(principal: Writer, wanted: ProposalBody, creation: Creating) -> Response:
        """An operator decides on it; nothing is published before, and no award can name it. A proposal brings in a new
        definition and never changes one.

        Refused (422) when the catalog has the id, or does not have what the definition names. A warning `same_name` means
        that approving it needs an operator who accepts that.
        """

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
        """Decided proposals are included. What a proposal reaches for is shown when it is read alone."""
        found = await proposal_repository.list_proposals(session, principal.organisation_id, status, page)
        return found.map(ProposalView.of)

    @router.get(ONE, summary="Read a proposal, with what it reaches for")
    async def read_proposal(
        principal: ReaderOrOperator, proposal_id: ProposalPath, session: Reading, response: Response
    ) -> ExaminedProposalView:
        """What it would touch is looked for at each reading, as long as it is pending. The `ETag` of the answer is what a
        decision sends in `If-Match`.
        """
        uow = units_of_work.at(session, requester_of(principal))
        return await _examined(uow, await uow.proposals.get(proposal_id), response)


def _add_deciding(router: APIRouter, units_of_work: LearnersUnitsOfWork) -> None:
    @router.post(ONE + "/approval", summary="Approve and publish what was proposed")
    async def approve_proposal(
        operator: Operator,
        proposal_id: ProposalPath,
        wanted: ApprovalBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> ProposalView:
        """The definition joins the catalog at once, checked against the catalog of now, and `CredentialDefined` is published.

        Refused (409) once it is decided, and (422) when it touches what is not accepted expressly, when the catalog has the id
        by now, or lacks what it names.
        """
        uow = units_of_work.at(session, requester_of(operator))
        decided = await proposing.approve_proposal(uow, proposal_id, expecting(if_match), wanted.acceptance())
        response.headers["ETag"] = etag_of(decided.version)
        return ProposalView.of(decided)

    @router.post(ONE + "/rejection", summary="Reject a proposal, with the reason")
    async def reject_proposal(
        operator: Operator,
        proposal_id: ProposalPath,
        wanted: RejectionBody,
        if_match: IfMatch,
        session: Transaction,
        response: Response,
    ) -> ProposalView:
        """Final: the provider reads the reason, and may propose again. No event is published. Refused (409) once decided."""
        uow = units_of_work.at(session, requester_of(operator))
        decided = await proposing.reject_proposal(uow, proposal_id, expecting(if_match), wanted.reason)
        response.headers["ETag"] = etag_of(decided.version)
        return ProposalView.of(decided)


async def _examined(uow: LearnersUnitOfWork, proposal: Proposal, response: Response) -> ExaminedProposalView:
    response.headers["ETag"] = etag_of(proposal.version)
    pending = proposal.status is ProposalStatus.PENDING
    return ExaminedProposalView.examined(proposal, await proposing.examine(uow, proposal) if pending else Findings())
