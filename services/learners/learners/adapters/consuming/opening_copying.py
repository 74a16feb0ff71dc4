"""The consumer of `openings.opening.v1`: keeps this service's copy of what employers tell everybody about their openings."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import OPENING
from contracts.wire import Cents, Day, Filled, Identifier, Positions, Region, Title, Word, Zip
from learners.adapters.opening_copies import keep_openings, opening_owners
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from makersync.store.database import Store


class OpeningReading(ReaderModel):
    """Openings from before employers were named have no `employer_name`."""

    opening_id: Identifier
    employer_id: Identifier
    employer_name: Title | None = None
    region: Region
    title: Title
    occupation: Word | None = None
    zip: Zip | None = None
    remote: bool = False
    positions: Positions
    filled: Filled = 0
    start_by: Day | None = None
    closes_on: Day | None = None
    shifts: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    status: Word


OPENING_READER = Reader(OPENING, dict.fromkeys((kind.rpartition(".")[2] for kind in OPENING.types), OpeningReading))


class OpeningCopying:
    """Keeps the newest version of each opening."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        ids = [received.event.subject for received in batch]
        async with store.reading() as session:
            owners = await opening_owners(session, ids)
        subjects = {each: KnownSubject(version, {"employer_id": employer}) for each, (version, employer) in owners.items()}
        return [subjects.get(each, KnownSubject()) for each in ids]

    async def prepare(self, batch: Batch, behind: int = 0) -> Sequence[Mapping[str, Any]]:
        """The row of each opening at its newest version in the batch."""
        newest: dict[str, Received[Reading]] = {}
        for received in batch:
            known = newest.get(received.event.subject)
            if known is None or received.event.version > known.event.version:
                newest[received.event.subject] = received
        return [_row(received) for received in newest.values()]

    async def write(self, session: AsyncSession, prepared: Sequence[Mapping[str, Any]], standing: Standing) -> Standing:
        await keep_openings(session, prepared)
        return standing


def _row(received: Received[Reading]) -> Mapping[str, Any]:
    """Raises TypeError unless OPENING_READER has read the record."""
    if not isinstance(received.data, OpeningReading):
        raise TypeError(f"not a reading of an opening: {type(received.data).__name__}")
    return received.data.model_dump() | {"version": received.event.version}
