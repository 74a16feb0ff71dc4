"""The consumer that stores the drafts that employers ask about.

It is a group of its own: the members of a group read the same topics, so that partition numbers stay together, and during an
upgrade old and new members of the market's group would not. What is wrong with drafts halts no market either.
"""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.store.database import Store
from matching.adapters.draft_repository import draft_row, known_drafts, save_drafts

DRAFT_CONSUMER = "matching.drafts"


class DraftWork:
    """Writes the newest state of each draft, which the owner of its region's market then answers."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        keys = [(each.event.partitionkey, each.event.subject) for each in batch]
        async with store.reading() as session:
            known = await known_drafts(session, keys)
        return [KnownSubject(known[key][0], {"employer_id": known[key][1]}) if key in known else KnownSubject() for key in keys]

    async def prepare(self, batch: Batch, behind: int = 0) -> list[dict[str, Any]]:
        return [draft_row(received) for received in batch]

    async def write(self, session: AsyncSession, prepared: list[dict[str, Any]], standing: Standing) -> Standing:
        await save_drafts(session, prepared)
        return standing
