"""Retirements in answers."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from learners.domain.retirement import Retirement


class RetirementView(BaseModel):
    """Since when nothing new may name a credential, and which one to name instead."""

    retired_at: datetime
    reason: str
    superseded_by: str | None

    @classmethod
    def of(cls, retirement: Retirement) -> Self:
        return cls.model_validate(retirement, from_attributes=True)
