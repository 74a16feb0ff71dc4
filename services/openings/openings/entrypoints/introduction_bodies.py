"""What employers send about introductions and hires."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from contracts.wire import LONGEST_TEXT, ZONED, Identifier
from makersync.http.bodies import RequestModel
from openings.application.asking import WantedIntroduction
from openings.domain.introduction import NotHiredReason
from openings.domain.introduction_rules import MOST_DAYS, USUAL_DAYS
from openings.entrypoints.fields import LEARNER_EXAMPLE
from openings.entrypoints.opening_fields import Day

CONTACT_EXAMPLE = "hiring@lakeshore.example, 216-555-0117"
MESSAGE_EXAMPLE = "We would like to show you our new five-axis mill."


class IntroductionBody(RequestModel):
    """Whom the employer asks to meet, and what the provider and the learner are told."""

    learner_id: Identifier = Field(description="Id of a learner on the opening's shortlist.", examples=[LEARNER_EXAMPLE])
    message: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = Field(
        None, description="What you write to the candidate, on one line.", examples=[MESSAGE_EXAMPLE]
    )
    contact: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] = Field(
        description="How you are reached: an office or a role rather than a person, on one line.", examples=[CONTACT_EXAMPLE]
    )
    answer_by: Day | None = Field(
        None,
        description=f"Last calendar date {ZONED} on which an answer counts, at most {MOST_DAYS} days ahead. Not given: "
        f"{USUAL_DAYS} days from today.",
        examples=["2026-11-29"],
    )

    def wanted(self) -> WantedIntroduction:
        return WantedIntroduction(self.learner_id, self.message, self.contact, self.answer_by)


class HireBody(RequestModel):
    """The hire of the person whom the employer has met."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hired_on": "2026-11-22"}]})

    hired_on: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} on which the person was hired, within the last year. Not given: today.",
        examples=["2026-11-22"],
    )


class NotHiredBody(RequestModel):
    """Why the employer does not hire the person whom it has met."""

    reason: NotHiredReason = Field(description="The reason, which the provider sees.", examples=["chose_another"])


class UndoingBody(RequestModel):
    """A hire that is taken back."""

    reopen: StrictBool = Field(
        False, description="Open a closed opening again. Without it, a closed opening stays closed and the introduction ends."
    )
