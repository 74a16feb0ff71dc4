"""A caller that does not give up: services are killed and paused under it, and every request must take effect exactly once."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_S = 120.0
PAUSE_S = 0.2
#: Shorter than a pause of a service, so that a request is sent again while the first one may still be under way.
ANSWER_S = 4.0
PASSING = frozenset({429, 500, 502, 503, 504})


class Refused(Exception):
    """The service understood the request and said no."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        self.status = answer.status_code


class Caller:
    """One key at one service."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_S)

    async def get(self, path: str, **params: Any) -> Any:
        return (await self._send("GET", path, {}, None, params)).json()

    async def create(self, path: str, body: dict[str, Any]) -> Any:
        """A POST that makes something: sent again under the same key until it is answered."""
        return (await self._send("POST", path, {"Idempotency-Key": uuid4().hex}, body)).json()

    async def change(self, method: str, path: str, of: str, body: dict[str, Any] | None = None) -> None:
        """A change under If-Match of the resource `of`. When the version has moved although nobody else changes it, then an
        earlier attempt took effect and its answer was lost."""
        etag = (await self._send("GET", of, {}, None)).headers["ETag"]
        try:
            await self._send(method, path, {"If-Match": etag}, body)
        except Refused as refusal:
            gone = refusal.status == httpx.codes.NOT_FOUND and method == "DELETE"
            if refusal.status != httpx.codes.PRECONDITION_FAILED and not gone:
                raise

    async def put(self, path: str, body: dict[str, Any]) -> None:
        """Something that the caller names and that is not there yet. Refused as already there: an earlier attempt made it."""
        try:
            await self._send("PUT", path, {}, body)
        except Refused as refusal:
            if refusal.status not in (httpx.codes.PRECONDITION_FAILED, httpx.codes.PRECONDITION_REQUIRED):
                raise

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(
        self, method: str, path: str, headers: dict[str, str], body: Any, params: dict[str, Any] | None = None
    ) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = await self._attempt(method, path, headers, body, params)
            if answer is not None and answer.status_code not in PASSING:
                if answer.is_error:
                    raise Refused(answer)
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path} was not answered in {PATIENCE_S:g} s; last: {answer}")
            await asyncio.sleep(PAUSE_S)

    async def _attempt(
        self, method: str, path: str, headers: dict[str, str], body: Any, params: dict[str, Any] | None
    ) -> httpx.Response | None:
        try:
            return await self._client.request(method, path, headers=headers, json=body, params=params)
        except httpx.HTTPError:
            return None
