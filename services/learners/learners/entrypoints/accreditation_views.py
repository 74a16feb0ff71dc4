"""Accreditations in answers."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.accreditation import Accreditation
from learners.entrypoints.accreditation_fields import ACCREDITED_ISSUER, ENDING_REASON, SINCE, UNTIL
from learners.entrypoints.ids import AccreditationId, ProviderId, Version
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark


class AccreditationView(BaseModel):
    """A provider's accreditation for an issuer, as the register that operators keep has it."""

    accreditation_id: AccreditationId
    provider_id: ProviderId
    issuer: Annotated[str, ACCREDITED_ISSUER]
    since: Annotated[date | None, SINCE]
    until: Annotated[date | None, UNTIL]
    ended_at: datetime | None = Field(description="UTC instant at which an operator ended it; null: none has.", examples=[None])
    retroactive: bool = Field(description="Whether it was ended as one that never counted.", examples=[False])
    reason: Annotated[str | None, ENDING_REASON]
    version: Version

    @classmethod
    def of(cls, accreditation: Accreditation) -> Self:
        return cls.model_validate(accreditation, from_attributes=True)


class ChangedAccreditationView(AccreditationView, Warned):
    """A new accreditation, or one that was ended."""

    @classmethod
    def changed(cls, accreditation: Accreditation, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(AccreditationView.of(accreditation)), warnings=warnings_of(remarks))
