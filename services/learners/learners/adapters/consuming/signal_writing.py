"""Keeps the newest signal of each cell, counts all, and says what the providers of the region are told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.feed_entries import signal_entry
from learners.adapters.provider_regions import ProviderRegions
from learners.adapters.signal_history import SignalHistory
from learners.adapters.signal_repository import SignalRepository, signal_of
from learners.adapters.signal_tables import SignalRow
from learners.adapters.stored_versions import Key
from makersync.feed.entries import NewEntry

Row = Mapping[str, Any]


async def write_signals(session: AsyncSession, partition: int, signals: Sequence[Row]) -> Sequence[NewEntry]:
    fresh = await _newer(session, signals)
    if not fresh:
        return ()
    providers = await ProviderRegions(session).concerned({row["region"] for row in fresh})
    stored = SignalRepository(session)
    await stored.save(list({_cell(row): row for row in fresh}.values()))
    await SignalHistory(session).save(fresh)
    await stored.add_counts(partition, Counter(row["kind"] for row in fresh))
    told = [(signal_of(SignalRow(**row)), providers.get(row["region"], ())) for row in fresh]
    return [signal_entry(provider_id, signal) for signal, concerned in told for provider_id in concerned]


async def _newer(session: AsyncSession, signals: Sequence[Row]) -> Sequence[Row]:
    """Those that are newer than what is stored and what arrived before them, in the order in which they arrived."""
    if not signals:
        return ()
    versions = dict(await SignalRepository(session).versions({_cell(row) for row in signals}))
    fresh: list[Row] = []
    for row in signals:
        if row["version"] > versions.get(_cell(row), 0):
            versions[_cell(row)] = row["version"]
            fresh.append(row)
    return fresh


def _cell(row: Row) -> Key:
    return row["region"], row["subject"]
