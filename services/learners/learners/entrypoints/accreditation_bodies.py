"""Bodies of requests about accreditations."""

from pydantic import Field, StrictBool

from learners.application.accrediting import Grant
from learners.entrypoints.fields import CatalogId, Day, Name
from makersync.http.bodies import RequestModel


class AccreditationBody(RequestModel):
    """`since` left out: all that the provider has recorded counts. `until`: the first day that no longer counts."""

    provider_id: CatalogId
    issuer: Name
    since: Day | None = None
    until: Day | None = None

    def grant(self) -> Grant:
        return Grant(self.provider_id, self.issuer, self.since, self.until)


class EndBody(RequestModel):
    """How an accreditation ends."""

    retroactive: StrictBool = Field(False, description="It never counted: what it verified becomes attested.")
