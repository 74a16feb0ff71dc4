"""Accreditations in answers."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from learners.domain.accreditation import Accreditation
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class AccreditationView(BaseModel):
    accreditation_id: str
    provider_id: str
    issuer: str
    since: date | None
    until: date | None
    ended_at: datetime | None
    retroactive: bool
    version: int

    @classmethod
    def of(cls, accreditation: Accreditation) -> Self:
        return cls.model_validate(accreditation, from_attributes=True)


class ChangedAccreditationView(AccreditationView, Warned):
    """A new accreditation, or one that was ended."""

    @classmethod
    def changed(cls, accreditation: Accreditation, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(AccreditationView.of(accreditation)), warnings=warnings_of(remarks))
