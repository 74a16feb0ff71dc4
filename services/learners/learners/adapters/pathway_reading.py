"""What this service reads of `matching.pathway.v1`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from contracts.topics import PATHWAY
from contracts.wire import MOST_CREDENTIALS, MOST_SUM, Identifier, Instant, Region
from makersync.effects.reading import Reader, ReaderModel


class UnlockedReading(ReaderModel):
    credential: Identifier
    unlocked: Annotated[int, Field(ge=1, le=MOST_SUM)]


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


@dataclass(frozen=True, slots=True)
class PathwayNews:
    """The newest list of a learner and region; `as_of` None when it has ended."""

    learner_id: str
    region: str
    version: int
    unlocked: tuple[tuple[str, int], ...] = ()
    as_of: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.learner_id, self.region


def pathway_news(version: int, reading: PathwayReading | PathwayEndReading) -> PathwayNews:
    ids = reading.learner_id, reading.region, version
    if isinstance(reading, PathwayEndReading):
        return PathwayNews(*ids)
    unlocked = {each.credential: each.unlocked for each in reading.credentials}
    return PathwayNews(*ids, tuple(unlocked.items()), reading.as_of)
