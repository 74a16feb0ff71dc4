"""Proposals for the catalog in SQL."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_repository import definition_of
from learners.adapters.proposal_tables import ProposalRow
from learners.adapters.statements import change_one_row, equal
from learners.domain.errors import Absent
from learners.domain.proposal import Proposal, ProposalStatus
from makersync.http.pagination import Order, Page, PageRequest, page_of

PROPOSAL = ProposalRow.sql_table()


class ProposalRepository:
    """`provider_id` None: operators, who see all."""

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, proposal_id: str) -> Proposal:
        row = await self._session.get(ProposalRow, proposal_id)
        if row is None or self._provider_id not in (None, row.provider_id):
            raise Absent
        return proposal_of(row)

    async def add(self, proposal: Proposal) -> None:
        await self._session.exec(insert(PROPOSAL).values(**_proposal_columns(proposal)))

    async def save(self, proposal: Proposal) -> None:
        here = (PROPOSAL.c.proposal_id == proposal.proposal_id) & (PROPOSAL.c.version == proposal.version - 1)
        await change_one_row(self._session, update(PROPOSAL).where(here).values(**_proposal_columns(proposal)))


def proposal_of(row: ProposalRow) -> Proposal:
    return Proposal(
        row.proposal_id, row.provider_id, definition_of(row.definition), ProposalStatus(row.status), row.reason, row.version
    )


def _proposal_columns(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal_id": proposal.proposal_id,
        "provider_id": proposal.provider_id,
        "definition": asdict(proposal.definition),
        "status": proposal.status.value,
        "reason": proposal.reason,
        "version": proposal.version,
    }


async def list_proposals(
    session: AsyncSession, provider_id: str | None, status: str | None, page: PageRequest
) -> Page[Proposal]:
    """`provider_id` None: those of all providers."""
    statement = equal(select(ProposalRow), col(ProposalRow.provider_id), provider_id)
    statement = equal(statement, col(ProposalRow.status), status)
    return await page_of(session, statement, Order((col(ProposalRow.proposal_id),)), page, proposal_of)
