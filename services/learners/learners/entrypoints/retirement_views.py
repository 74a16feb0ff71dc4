"""Retirements in answers."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.retirement import Retirement
from learners.entrypoints.retirement_fields import RETIREMENT_REASON, SUPERSEDED_BY


class RetirementView(BaseModel):
    """Since when nothing new may name a credential, and which one to name instead."""

    retired_at: datetime = Field(
        description="UTC instant of the operator's last decision: retiring it again moves it.",
        examples=["2026-11-22T09:00:00Z"],
    )
    reason: Annotated[str, RETIREMENT_REASON]
    superseded_by: Annotated[str | None, SUPERSEDED_BY]

    @classmethod
    def of(cls, retirement: Retirement) -> Self:
        return cls.model_validate(retirement, from_attributes=True)
