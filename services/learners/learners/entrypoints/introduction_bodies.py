"""Bodies of requests about introductions."""

from typing import Annotated, Literal

from pydantic import Field

from learners.domain.errors import RuleBroken
from learners.domain.introduction import DeclineReason
from learners.entrypoints.introduction_fields import DECLINE_REASON
from makersync.http.bodies import RequestModel


class DeclineBody(RequestModel):
    """Why a provider declines for its learner."""

    reason: Annotated[DeclineReason, DECLINE_REASON]


class LearnerAnswerBody(RequestModel):
    """What the learner answers."""

    answer: Literal["accept", "decline"] = Field(
        description="`accept`: the employer may see name and contact. `decline`: it may not.", examples=["accept"]
    )
    reason: Annotated[DeclineReason | None, DECLINE_REASON] = Field(None)

    def refusal(self) -> DeclineReason | None:
        """The reason for which the learner declines; None when the learner accepts. Raises RuleBroken."""
        if self.answer == "decline" and self.reason is None:
            raise RuleBroken("reason", "missing", "is required to decline")
        if self.answer == "accept" and self.reason is not None:
            raise RuleBroken("reason", "no_refusal", "is given to decline only")
        return self.reason
