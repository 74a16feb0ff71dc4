"""The pages on which operators decide about proposals of definitions."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from learners.adapters import proposal_repository
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import proposing
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.proposal import Acceptance, Findings, ProposalStatus
from learners.entrypoints.proposal_views import ExaminedProposalView, ProposalView
from learners.entrypoints.routing import expecting, requester_of
from makersync.http.keys import OPERATOR
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem
from makersync.http.versions import Precondition
from makersync.pages.form_bodies import errors_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit

PROPOSALS = "/proposals"
ONE = PROPOSALS + "/{proposal_id}"
_A_PAGE = 50


def proposal_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = _ProposalPages(units_of_work)
    return [
        site.reading(PROPOSALS, pages.list),
        site.reading(ONE, pages.one),
        site.changing(f"{ONE}/approve", pages.approve, pages.one),
        site.changing(f"{ONE}/reject", pages.reject, pages.one),
    ]


@dataclass(frozen=True, slots=True)
class _ProposalPages:
    units_of_work: LearnersUnitsOfWork

    async def list(self, visit: Visit) -> Response:
        """Those that wait, oldest first, 50 on a page."""
        visit.demand(OPERATOR)
        page = PageRequest(_A_PAGE, visit.request.query_params.get("after") or None, f"page {PROPOSALS}")
        found = await proposal_repository.list_proposals(visit.session, None, ProposalStatus.PENDING, page)
        return visit.page("proposals.html", proposals=found.map(ProposalView.of).items, next_cursor=found.next_cursor)

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(OPERATOR)
        uow = self._uow(visit)
        proposal = await uow.proposals.get(_id(visit))
        pending = proposal.status is ProposalStatus.PENDING
        found = await proposing.examine(uow, proposal) if pending else Findings()
        return visit.page(
            "proposal.html",
            200 if problem is None else problem.status,
            proposal=ExaminedProposalView.examined(proposal, found),
            typed={"reason": visit.form.get("reason")},
            problem=problem,
            errors=errors_of(problem),
        )

    async def approve(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        accepted = Acceptance(visit.form.get("accept_foreign") == "yes", visit.form.get("accept_same_name") == "yes")
        decided = await proposing.approve_proposal(self._uow(visit), _id(visit), expecting(_version(visit)), accepted)
        return _to(decided.proposal_id)

    async def reject(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        reason = visit.form.get("reason")
        decided = await proposing.reject_proposal(self._uow(visit), _id(visit), expecting(_version(visit)), reason)
        return _to(decided.proposal_id)

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["proposal_id"])


def _version(visit: Visit) -> Precondition:
    return Precondition(frozenset({f'"{visit.form.get("version")}"'}))


def _to(proposal_id: str) -> Response:
    return see_other(f"{PROPOSALS}/{proposal_id}")
