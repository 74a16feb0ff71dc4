"""The consumer of `learners.catalog.v1`: keeps this service's copy of the catalog."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG
from contracts.wire import MOST_LISTED, Identifier, Text
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reader, ReaderModel, Reading, Received
from makersync.store.database import Store
from openings.adapters.catalog_repository import CatalogCopyRepository


class CompetencyReading(ReaderModel):
    id: Identifier
    name: Text


class CredentialReading(ReaderModel):
    id: Identifier
    name: Text
    issuer: Text
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()


CATALOG_READER = Reader(
    CATALOG,
    {
        "CompetencyDefined": CompetencyReading,
        "CredentialDefined": CredentialReading,
        "CredentialRevised": CredentialReading,
    },
)


class CatalogCopying:
    """Keeps the newest version of each definition."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the tables are the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        async with store.reading() as session:
            versions = await CatalogCopyRepository(session).versions({received.event.subject for received in batch})
        return [KnownSubject(versions.get(received.event.subject, 0)) for received in batch]

    async def prepare(self, batch: Batch, behind: int = 0) -> list[Received[Reading]]:
        newest: dict[str, Received[Reading]] = {}
        for received in batch:
            known = newest.get(received.event.subject)
            if known is None or received.event.version > known.event.version:
                newest[received.event.subject] = received
        return list(newest.values())

    async def write(self, session: AsyncSession, prepared: list[Received[Reading]], standing: Standing) -> Standing:
        catalog = CatalogCopyRepository(session)
        for received in prepared:
            await _keep(catalog, received)
        return standing


async def _keep(catalog: CatalogCopyRepository, received: Received[Reading]) -> None:
    version, definition = received.event.version, received.data
    if isinstance(definition, CompetencyReading):
        await catalog.keep_competency(version, definition.id, definition.name)
    elif isinstance(definition, CredentialReading):
        await catalog.keep_credential(version, definition.model_dump(mode="json"))
