"""Bodies of requests about awards."""

from dataclasses import replace

from pydantic import Field

from contracts.vocabulary import AwardStatus
from learners.application.awarding import NewAward
from learners.domain.award import AwardDates
from learners.entrypoints.fields import CatalogId, Day
from makersync.http.bodies import RequestModel


class AwardBody(RequestModel):
    """A new award. `valid_months` of the definition informs people: an end is only what is given here."""

    credential: CatalogId
    status: AwardStatus = Field(AwardStatus.ACTIVE, description="active or in_progress.")
    issued_on: Day | None = None
    expires_on: Day | None = None
    expected_on: Day | None = Field(None, description="For awards in progress.")

    def award(self) -> NewAward:
        return NewAward(self.credential, self.status, AwardDates(self.issued_on, self.expires_on, self.expected_on))


class AwardPatch(RequestModel):
    """Dates that were recorded wrongly; what is left out stays, null makes it unknown."""

    issued_on: Day | None = None
    expires_on: Day | None = None
    expected_on: Day | None = None

    def rewrite(self, before: AwardDates) -> AwardDates:
        return replace(before, **self.given)


class RenewalBody(RequestModel):
    expires_on: Day = Field(description="Later than before.")


class CompletionBody(RequestModel):
    issued_on: Day
    expires_on: Day | None = None
