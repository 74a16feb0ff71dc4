"""The table of employers."""

from datetime import datetime

from sqlmodel import Field

from makersync.store.tables import utc_column
from openings.adapters.model import OpeningsModel


class EmployerRow(OpeningsModel, table=True):
    """An admitted employer."""

    __tablename__ = "employer"

    employer_id: str = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_column=utc_column())
