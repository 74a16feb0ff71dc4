"""When each API key was last used, to the hour. It is gathered in memory and written beside requests, so that a request that
reads writes nothing; what a process had not written when it was killed is not known."""

from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from makersync.store.database import Store
from makersync.store.tables import ApiKeyRow

#: A later use is written only after so long.
PRECISION = timedelta(hours=1)
WRITE_EVERY_S = 60.0
#: Keys in one transaction.
_AT_ONCE = 500


class KeyUses:
    """The uses that one process has seen since it wrote them last; of each key the latest."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def note(self, key_id: str, at: datetime) -> None:
        self._seen[key_id] = at

    async def write(self, store: Store) -> None:
        seen, self._seen = self._seen, {}
        keys = sorted(seen)
        for first in range(0, len(keys), _AT_ONCE):
            await _write(store, {key: seen[key] for key in keys[first : first + _AT_ONCE]})


async def _write(store: Store, seen: dict[str, datetime]) -> None:
    used = col(ApiKeyRow.last_used_at)
    old = or_(used.is_(None), used <= max(seen.values()) - PRECISION)
    stale = select(ApiKeyRow).where(col(ApiKeyRow.id).in_(seen), old)
    async with store.reading() as session:
        if not (await session.exec(stale.limit(1))).all():
            return
    async with store.transaction() as session:
        for row in (await session.exec(stale.order_by(col(ApiKeyRow.id)).with_for_update())).all():
            row.last_used_at = seen[row.id]
