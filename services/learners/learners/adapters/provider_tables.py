"""The table of training providers."""

from datetime import datetime

from sqlmodel import Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class ProviderRow(LearnersModel, table=True):
    __tablename__ = "provider"

    provider_id: str = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_column=utc_column())
    version: int = 1
    announced: int = 0
