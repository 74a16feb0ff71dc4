"""What the users of a running cluster do, over HTTP. Requests that a crash cut off are sent again with the same key."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

Body = dict[str, Any]
LONGEST_OUTAGE_S = 120.0
RETRY_S = 0.3


class Door:
    """One service as the holder of one API key sees it."""

    def __init__(self, address: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=address, headers=headers, timeout=10, trust_env=False)
        self.retries = 0

    async def create(self, path: str, body: Body) -> Body:
        """Exactly one, however often the answer is lost."""
        key = uuid.uuid4().hex
        created: Body = await self._answered(lambda: self._http.post(path, json=body, headers={"Idempotency-Key": key}), 201)
        return created

    async def answer(self, path: str, body: Body | None = None, version: int | None = None) -> httpx.Response:
        """Whatever the first answer is: to a creation, or to an act on this version of something."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} | ({} if version is None else {"If-Match": f'"{version}"'})
        return await self._http.post(path, json=body, headers=headers)

    async def read(self, path: str) -> Any:
        return await self._answered(lambda: self._http.get(path), 200)

    async def close(self) -> None:
        await self._http.aclose()

    async def _answered(self, send: Callable[[], Awaitable[httpx.Response]], status: int) -> Any:
        until = time.monotonic() + LONGEST_OUTAGE_S
        while True:
            try:
                answer = await send()
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.status_code == status:
                    return answer.json()
                problem = f"{answer.status_code} {answer.text}"
                assert answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR, f"{answer.request.url}: {problem}"
            assert time.monotonic() < until, f"no answer within {LONGEST_OUTAGE_S:g} s: {problem}"
            self.retries += 1
            await asyncio.sleep(RETRY_S)


async def admit(operator: Door, collection: str, name: str, scopes: list[str]) -> tuple[str, str]:
    """A new organisation; returns its id and the token of its key."""
    organisation = await operator.create(f"/v1/{collection}", {"name": name})
    organisation_id: str = organisation[f"{collection.removesuffix('s')}_id"]
    issued = await operator.create(f"/v1/{collection}/{organisation_id}/keys", {"name": "test", "scopes": scopes})
    token: str = issued["token"]
    return organisation_id, token


async def eventually(what: str, check: Callable[[], Awaitable[Any]], deadline_s: float = 120.0) -> Any:
    """The first truthy result of `check`."""
    until = time.monotonic() + deadline_s
    while not (result := await check()):
        assert time.monotonic() < until, f"not within {deadline_s:g} s: {what}"
        await asyncio.sleep(RETRY_S)
    return result


async def settled(operators: list[Door]) -> None:
    """Until every service has published what it wrote and consumed what was published, twice in a row: between two looks
    an event can be on its way from one service to the next."""

    async def nothing_waits() -> bool:
        return await _nothing_waits(operators) and await _nothing_waits(operators)

    await eventually("every event consumed", nothing_waits, deadline_s=120)


async def _nothing_waits(operators: list[Door]) -> bool:
    states = [await door.read("/v1/operations") for door in operators]
    assert not any(state["dead_letters_open"] or state["halted"] for state in states), states
    return not any(state["outbox_unpublished"] or any(c["lag"] != 0 for c in state["consumers"]) for state in states)
