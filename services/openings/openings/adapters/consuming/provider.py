"""The consumer of `learners.provider.v1`: keeps this service's copy of the names of training providers."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import PROVIDER
from contracts.wire import Identifier, Title
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reader, ReaderModel
from makersync.store.database import Store
from openings.adapters.provider_copies import keep_providers, provider_versions


class ProviderReading(ReaderModel):
    provider_id: Identifier
    name: Annotated[Title, Field(min_length=1)]


PROVIDER_READER = Reader(PROVIDER, {"ProviderNamed": ProviderReading})


class ProviderCopying:
    """Keeps the newest name of each provider."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        async with store.reading() as session:
            versions = await provider_versions(session, {received.event.subject for received in batch})
        return [KnownSubject(versions.get(received.event.subject, 0)) for received in batch]

    async def prepare(self, batch: Batch, behind: int = 0) -> Sequence[Mapping[str, Any]]:
        return [
            {"provider_id": each.data.provider_id, "version": each.event.version, "name": each.data.name}
            for each in batch
            if isinstance(each.data, ProviderReading)
        ]

    async def write(self, session: AsyncSession, prepared: Sequence[Mapping[str, Any]], standing: Standing) -> Standing:
        await keep_providers(session, prepared)
        return standing
