"""The table of this service's copy of the names of training providers."""

from sqlalchemy import BigInteger
from sqlmodel import Column, Field

from openings.adapters.model import OpeningsModel


class ProviderCopyRow(OpeningsModel, table=True):
    """A provider at the newest version that was read."""

    __tablename__ = "provider_copy"

    provider_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
