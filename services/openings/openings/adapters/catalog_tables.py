"""The tables of this service's copy of the catalog."""

from sqlalchemy import JSON, BigInteger
from sqlmodel import Column, Field

from openings.adapters.model import OpeningsModel


class CompetencyCopyRow(OpeningsModel, table=True):
    """A copy of a competency. `search_text` holds its id and name in lower case."""

    __tablename__ = "catalog_competency"

    id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    search_text: str


class CredentialCopyRow(OpeningsModel, table=True):
    """A copy of an approved credential definition. `search_text` holds its id, name, issuer and aliases in lower case."""

    __tablename__ = "catalog_credential"

    id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    issuer: str
    aliases: list[str] = Field(sa_column=Column(JSON, nullable=False))
    search_text: str
