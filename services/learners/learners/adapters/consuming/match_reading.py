"""What this service reads of `matching.candidate-match.v1`, and the rows that it becomes."""

from typing import Annotated, Any

from pydantic import Field

from contracts.topics import CANDIDATE_MATCH
from contracts.wire import Identifier, Region, Share
from makersync.effects.reading import Reader, ReaderModel, Reading, Received


class LearnersMatchReading(ReaderModel):
    region: Region
    opening_id: Identifier
    learner_id: Identifier
    provider_id: Identifier
    score: Share


class LearnersMatchEndedReading(ReaderModel):
    region: Region
    opening_id: Identifier
    learner_id: Identifier
    provider_id: Identifier
    reason: Annotated[str, Field(min_length=1, max_length=40)]


MATCH_READER = Reader(
    CANDIDATE_MATCH,
    {"MatchProposed": LearnersMatchReading, "MatchRevised": LearnersMatchReading, "MatchWithdrawn": LearnersMatchEndedReading},
)


def match_row(received: Received[Reading], reading: LearnersMatchReading | LearnersMatchEndedReading) -> dict[str, Any]:
    return {
        "learner_id": reading.learner_id,
        "opening_id": reading.opening_id,
        "region": reading.region,
        "version": received.event.version,
        "live": isinstance(reading, LearnersMatchReading),
        "score": reading.score if isinstance(reading, LearnersMatchReading) else None,
        "reason": None if isinstance(reading, LearnersMatchReading) else reading.reason,
        "ended_at": None,
    }
