"""Bodies of requests about accreditations."""

from typing import Annotated

from pydantic import Field, StrictBool

from learners.application.accrediting import AccreditationEnd, Grant
from learners.entrypoints.accreditation_fields import ACCREDITED_ISSUER, ENDING_REASON, SINCE, UNTIL
from learners.entrypoints.fields import CatalogId, Day, Name, Text
from learners.entrypoints.ids import PROVIDER_ID
from makersync.http.bodies import RequestModel


class AccreditationBody(RequestModel):
    """A provider's accreditation for an issuer: what the provider records of the issuer while it lasts is verified."""

    provider_id: Annotated[CatalogId, PROVIDER_ID]
    issuer: Annotated[Name, ACCREDITED_ISSUER]
    since: Annotated[Day | None, SINCE] = None
    until: Annotated[Day | None, UNTIL] = None

    def grant(self) -> Grant:
        return Grant(self.provider_id, self.issuer, self.since, self.until)


class EndBody(RequestModel):
    """How an accreditation ends."""

    retroactive: StrictBool = Field(
        False,
        description="True: the accreditation never counted, and what it alone verified becomes attested. False: it counts no "
        "longer, and what it verified stays so.",
    )
    reason: Annotated[Text | None, ENDING_REASON] = None

    def ending(self) -> AccreditationEnd:
        return AccreditationEnd(self.retroactive, self.reason)
