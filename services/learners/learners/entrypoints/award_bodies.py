"""Bodies of requests about awards."""

from dataclasses import replace
from typing import Annotated

from pydantic import ConfigDict, Field

from contracts.vocabulary import AwardStatus
from contracts.wire import ZONED
from learners.application.awarding import NewAward
from learners.domain.award import AwardDates
from learners.entrypoints.award_fields import EXPECTED_ON, EXPIRES_ON, ISSUED_ON
from learners.entrypoints.fields import CatalogId, Day
from learners.entrypoints.ids import CREDENTIAL_ID
from makersync.http.bodies import RequestModel


class AwardBody(RequestModel):
    """A new award. An earned one has `issued_on` and perhaps `expires_on`, one in progress has `expected_on` alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "credential": "nims:cnc-milling-operator",
                    "status": "active",
                    "issued_on": "2026-11-20",
                    "expires_on": "2028-11-20",
                }
            ]
        }
    )

    credential: Annotated[CatalogId, CREDENTIAL_ID]
    status: AwardStatus = Field(
        AwardStatus.ACTIVE,
        description="`active` for what is earned, `in_progress` for what the learner works towards; no other.",
    )
    issued_on: Annotated[Day | None, ISSUED_ON] = None
    expires_on: Annotated[Day | None, EXPIRES_ON] = None
    expected_on: Annotated[Day | None, EXPECTED_ON] = None

    def award(self) -> NewAward:
        return NewAward(self.credential, self.status, AwardDates(self.issued_on, self.expires_on, self.expected_on))


class AwardPatch(RequestModel):
    """Dates that were recorded wrongly. What is left out stays as it is; null makes a date unknown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"issued_on": "2026-11-20", "expires_on": "2028-11-20"}]})

    issued_on: Annotated[Day | None, ISSUED_ON] = None
    expires_on: Annotated[Day | None, EXPIRES_ON] = None
    expected_on: Annotated[Day | None, EXPECTED_ON] = None

    def rewrite(self, before: AwardDates) -> AwardDates:
        return replace(before, **self.given)


class RenewalBody(RequestModel):
    """Until when an award goes on."""

    expires_on: Day = Field(
        description=f"First calendar date {ZONED} on which it is no longer in force: later than before, at most 60 years "
        "ahead.",
        examples=["2028-11-20"],
    )


class CompletionBody(RequestModel):
    """When an award in progress was earned."""

    issued_on: Day = Field(
        description=f"Calendar date {ZONED} on which the issuer awarded it, from 1950-01-01 to today.", examples=["2026-11-20"]
    )
    expires_on: Annotated[Day | None, EXPIRES_ON] = None
