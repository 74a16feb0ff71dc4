"""What this service reads of `learners.introduction.v1`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.introductions import PartyName, Reason
from contracts.topics import INTRODUCTION_ANSWER
from contracts.wire import Identifier, Instant
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from openings.domain.introduction import ReceivedAnswer


class IntroductionAnswerReading(ReaderModel):
    introduction_id: Identifier
    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    provider_name: PartyName
    status: Literal["accepted", "declined", "lapsed", "withdrawn"]
    reason: Reason | None = None
    answered_by: Annotated[str, Field(min_length=1, max_length=40)]
    answered_at: Instant
    hire: Literal["confirmed", "disputed"] | None = None


ANSWER_READER = Reader(
    INTRODUCTION_ANSWER,
    dict.fromkeys(
        (
            "IntroductionAccepted",
            "IntroductionDeclined",
            "IntroductionLapsed",
            "IntroductionEnded",
            "HireConfirmed",
            "HireDisputed",
        ),
        IntroductionAnswerReading,
    ),
)


def reading_of(received: Received[Reading]) -> IntroductionAnswerReading:
    """Raises TypeError unless ANSWER_READER has read the record."""
    if not isinstance(received.data, IntroductionAnswerReading):
        raise TypeError(f"not a reading of an answer: {type(received.data).__name__}")
    return received.data


def answer_values(received: Received[Reading]) -> dict[str, Any]:
    """The columns of the answer's row."""
    reading, event = reading_of(received), received.event
    return {**dict(reading), "region": event.partitionkey, "version": event.version}


def answer_in(received: Received[Reading]) -> ReceivedAnswer:
    reading = reading_of(received)
    return ReceivedAnswer(
        version=received.event.version,
        status=reading.status,
        reason=reading.reason,
        provider_name=reading.provider_name,
        answered_by=reading.answered_by,
        answered_at=reading.answered_at,
        hire=reading.hire,
    )
