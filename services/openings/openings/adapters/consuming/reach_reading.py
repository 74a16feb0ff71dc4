"""What this service reads of `matching.reach.v1`."""

from typing import Annotated, Any

from pydantic import Field

from contracts.topics import REACH
from contracts.wire import MOST_GROUPS, Count, Day, Identifier, Instant, Version, Word
from makersync.effects.reading import Reader, ReaderModel, Reading, Received


class CountRangeReading(ReaderModel):
    at_least: Count
    fewer_than: Count


class GroupLackingReading(ReaderModel):
    id: Identifier
    near_misses: CountRangeReading
    unverified: CountRangeReading | None = None


class GateHoldingReading(ReaderModel):
    """Gates that this version does not know are taken too."""

    gate: Word
    learners: CountRangeReading


class ReachReading(ReaderModel):
    subject_id: Identifier
    employer_id: Identifier
    subject_version: Version
    in_reach: CountRangeReading
    pass_gates: CountRangeReading
    qualified: CountRangeReading
    near_misses: CountRangeReading
    lacking: Annotated[tuple[GroupLackingReading, ...], Field(max_length=MOST_GROUPS)] = ()
    held_back: Annotated[tuple[GateHoldingReading, ...], Field(max_length=10)] = ()
    policy_version: Count
    day: Day
    as_of: Instant

    @property
    def counted(self) -> dict[str, Any]:
        """What is stored of it."""
        return self.model_dump(mode="json", exclude={"subject_id", "employer_id"}, exclude_none=True)


class ReachEndedReading(ReaderModel):
    subject_id: Identifier
    employer_id: Identifier


REACH_READER = Reader(REACH, {"ReachCounted": ReachReading, "ReachEnded": ReachEndedReading})


def reading_of(received: Received[Reading]) -> ReachReading | ReachEndedReading:
    """Raises TypeError unless REACH_READER has read the record."""
    if not isinstance(received.data, ReachReading | ReachEndedReading):
        raise TypeError(f"not a reading of what is reached: {type(received.data).__name__}")
    return received.data


def reach_values(received: Received[Reading]) -> dict[str, Any]:
    """The columns of the row."""
    reading, event = reading_of(received), received.event
    ended = isinstance(reading, ReachEndedReading)
    return {
        "subject_id": reading.subject_id,
        "employer_id": reading.employer_id,
        "region": event.partitionkey,
        "version": event.version,
        "counted": None if isinstance(reading, ReachEndedReading) else reading.counted,
        "ended_at": event.time if ended else None,
    }
