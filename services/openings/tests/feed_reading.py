"""Reading a feed in tests, without a process that leads."""

from typing import Any

from makersync.effects.lease import Lease, acquire
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context

from .conftest import Caller

TTL_S = 30.0


async def lease_of(context: Context) -> Lease:
    async with context.store.transaction() as session:
        lease = await acquire(session, context.clock, "openings.relay", "test", TTL_S)
    assert lease is not None
    return lease


async def numbering_of(context: Context) -> Numbering:
    return Numbering(context.store, context.clock, await lease_of(context), TTL_S)


async def read(caller: Caller, path: str = "/v1/feed", **parameters: Any) -> dict[str, Any]:
    answer = await caller.get(path, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entries_of(context: Context, caller: Caller, entry_type: str) -> list[dict[str, Any]]:
    """The caller's entries of one type, once all are numbered."""
    await (await numbering_of(context)).number()
    entries: list[dict[str, Any]] = (await read(caller, types=entry_type))["entries"]
    return entries
