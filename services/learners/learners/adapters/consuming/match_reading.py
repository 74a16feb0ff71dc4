"""What this service reads of `matching.candidate-match.v1`."""

from typing import Annotated

from pydantic import Field

from contracts.topics import CANDIDATE_MATCH
from contracts.wire import MOST_GROUPS, Identifier, Region, Share, Word
from learners.adapters.match_repository import MatchUpdate
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
    gate: Word | None = None
    unmet: Annotated[tuple[Identifier, ...], Field(max_length=MOST_GROUPS)] | None = None


MATCH_READER = Reader(
    CANDIDATE_MATCH,
    {"MatchProposed": LearnersMatchReading, "MatchRevised": LearnersMatchReading, "MatchWithdrawn": LearnersMatchEndedReading},
)


def match_update(received: Received[Reading], reading: LearnersMatchReading | LearnersMatchEndedReading) -> MatchUpdate:
    ended = reading if isinstance(reading, LearnersMatchEndedReading) else None
    return MatchUpdate(
        learner_id=reading.learner_id,
        opening_id=reading.opening_id,
        region=reading.region,
        version=received.event.version,
        kind=received.kind,
        score=reading.score if isinstance(reading, LearnersMatchReading) else None,
        reason=None if ended is None else ended.reason,
        at=received.event.time,
        gate=None if ended is None else ended.gate,
        unmet=() if ended is None else ended.unmet or (),
    )
