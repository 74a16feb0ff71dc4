"""When a key was last used is known to the hour, and no request waits for that."""

from datetime import datetime, timedelta

import httpx

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.store.tables import ApiKeyRow

from .conftest import Keys, bearer


async def last_used(wiring: Wiring, token: str) -> datetime | None:
    async with wiring.store.reading() as session:
        return (await session.get_one(ApiKeyRow, token.split("_")[1])).last_used_at


async def test_a_use_is_written_beside_requests_and_at_most_once_an_hour(
    client: httpx.AsyncClient, keys: Keys, wiring: Wiring, clock: ManualClock
) -> None:
    token, idle = await keys.token("acme", ["notices:read"]), await keys.token("acme", ["notices:read"])
    first = clock.now()
    await client.get("/v1/notices", headers=bearer(token))
    assert await last_used(wiring, token) is None, "a request that reads writes nothing"
    await wiring.key_uses.write(wiring.store)
    assert await last_used(wiring, token) == first
    for minutes, known in ((59, first), (2, first + timedelta(minutes=61))):
        clock.move_to(clock.now() + timedelta(minutes=minutes))
        await client.get("/v1/notices", headers=bearer(token))
        await wiring.key_uses.write(wiring.store)
        assert await last_used(wiring, token) == known
    assert await last_used(wiring, idle) is None


async def test_a_token_that_is_refused_is_no_use(client: httpx.AsyncClient, keys: Keys, wiring: Wiring) -> None:
    token = await keys.token("acme", ["notices:read"])
    forged = token[:-1] + ("a" if not token.endswith("a") else "b")
    assert (await client.get("/v1/notices", headers=bearer(forged))).status_code == 401
    await wiring.key_uses.write(wiring.store)
    assert await last_used(wiring, token) is None
