"""The tables of the catalog."""

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel


class CompetencyRow(LearnersModel, table=True):
    __tablename__ = "competency"

    id: str = Field(primary_key=True)
    name: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class CredentialRow(LearnersModel, table=True):
    """`definition` is the whole definition; the other columns are those that queries look for."""

    __tablename__ = "credential"

    id: str = Field(primary_key=True)
    issuer_key: str = Field(index=True)
    #: The issuer as names are compared.
    issuer_like: str = Field(sa_column=Column(String, nullable=False, index=True, server_default=""))
    proposed_by: str | None = None
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
