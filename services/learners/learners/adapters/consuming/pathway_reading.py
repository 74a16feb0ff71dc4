"""What this service reads of `matching.pathway.v1`."""

from typing import Annotated

from pydantic import Field

from contracts.pathways import MOST_NAMED
from contracts.topics import PATHWAY
from contracts.wire import MOST_CREDENTIALS, MOST_SUM, Identifier, Instant, Region
from learners.adapters.pathway_repository import PathwayUpdate
from learners.domain.pathway import UnlockedPositions
from makersync.effects.reading import Reader, ReaderModel, Reading, Received


class UnlockedReading(ReaderModel):
    credential: Identifier
    unlocked: Annotated[int, Field(ge=1, le=MOST_SUM)]
    openings: Annotated[tuple[Identifier, ...], Field(max_length=MOST_NAMED)] | None = None


class PathwayReading(ReaderModel):
    region: Region
    learner_id: Identifier
    provider_id: Identifier
    credentials: Annotated[tuple[UnlockedReading, ...], Field(max_length=MOST_CREDENTIALS)]
    as_of: Instant


class PathwayEndReading(ReaderModel):
    region: Region
    learner_id: Identifier


PATHWAY_READER = Reader(PATHWAY, {"PathwayRefreshed": PathwayReading, "PathwayEnded": PathwayEndReading})


def pathway_update(received: Received[Reading], reading: PathwayReading | PathwayEndReading) -> PathwayUpdate:
    about = reading.learner_id, reading.region, received.event.version, received.event.time
    if isinstance(reading, PathwayEndReading):
        return PathwayUpdate(*about)
    unlocked = {each.credential: UnlockedPositions(each.unlocked, each.openings) for each in reading.credentials}
    return PathwayUpdate(*about, unlocked, reading.as_of)
