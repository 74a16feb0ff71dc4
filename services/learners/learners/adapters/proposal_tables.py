"""The table of proposals for the catalog."""

from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel


class ProposalRow(LearnersModel, table=True):
    __tablename__ = "proposal"
    __table_args__ = (Index("proposal_status", "status", "proposal_id"),)

    proposal_id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.provider_id", index=True)
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    reason: str | None = None
    version: int = 1
