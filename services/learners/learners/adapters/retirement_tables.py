"""The table of retired credential definitions."""

from datetime import datetime

from sqlmodel import Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class RetirementRow(LearnersModel, table=True):
    """A definition that nothing new may name. It is not part of the definition, and no event is published."""

    __tablename__ = "retirement"

    credential: str = Field(primary_key=True)
    retired_at: datetime = Field(sa_column=utc_column())
    reason: str
    superseded_by: str | None = None
