"""The tables of the catalog and of what is proposed for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class CompetencyRow(LearnersModel, table=True):
    __tablename__ = "competency"

    id: str = Field(primary_key=True)
    name: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class CredentialRow(LearnersModel, table=True):
    """`definition` is the whole definition; the columns beside it are what it is found by."""

    __tablename__ = "credential"

    id: str = Field(primary_key=True)
    issuer_key: str = Field(index=True)
    proposed_by: str | None = None
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class RetirementRow(LearnersModel, table=True):
    """A definition that nothing new may name. No part of the definition, and told by no event."""

    __tablename__ = "retirement"

    credential: str = Field(primary_key=True)
    retired_at: datetime = Field(sa_column=utc_column())
    reason: str
    superseded_by: str | None = None


class ProposalRow(LearnersModel, table=True):
    __tablename__ = "proposal"

    proposal_id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.provider_id", index=True)
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    reason: str | None = None
    version: int = 1
