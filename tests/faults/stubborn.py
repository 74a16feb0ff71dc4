"""A caller that does not give up: services are killed and paused under it, and every request must take effect exactly once."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_S = 120.0
PAUSE_S = 0.2
#: Shorter than a pause of a service, so that a request is sent again while the first one may still be under way.
ANSWER_S = 4.0
PASSING = frozenset({429, 500, 502, 503, 504})
#: What says, after a lost answer, that the change was made: another version, or what was deleted is gone.
MOVED_ON = frozenset({httpx.codes.PRECONDITION_FAILED, httpx.codes.NOT_FOUND})


class Refused(Exception):
    """The service understood the request and said no. `lost`: an earlier attempt had no answer, and may have taken effect."""

    def __init__(self, answer: httpx.Response, lost: bool) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        self.status = answer.status_code
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any = None
    params: dict[str, Any] | None = None


class Caller:
    """One key at one service. It remembers the ETag of what it has seen last of each resource."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_S)
        self._etags: dict[str, str] = {}

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self._send(Request("GET", path, {}, params=params))
        self._remember(path, answer)
        return answer.json()

    async def create(self, path: str, body: dict[str, Any], of: str | None = None) -> Any:
        """A POST that makes something, in the resource `of` if it is part of one: sent again under the same key until it is
        answered."""
        answer = await self._send(Request("POST", path, {"Idempotency-Key": uuid4().hex}, body))
        self._remember(of or answer.headers.get("Location", path), answer)
        return answer.json()

    async def change(self, method: str, path: str, of: str, body: dict[str, Any] | None = None) -> Any:
        """A change under If-Match of the resource `of`; returns what it answered, None when that is not known.

        When an answer was lost and the version has moved since, the lost one took effect: nobody else changes it.
        """
        while True:
            if of not in self._etags:
                await self.get(of)
            try:
                answer = await self._send(Request(method, path, {"If-Match": self._etags[of]}, body))
            except Refused as refusal:
                del self._etags[of]
                if refusal.lost and refusal.status in MOVED_ON:
                    return None
                if refusal.status != httpx.codes.PRECONDITION_FAILED:
                    raise
                continue
            self._remember(of, answer)
            return answer.json() if answer.content else None

    async def put(self, path: str, body: dict[str, Any]) -> None:
        """Something that the caller names and that is not there yet. Refused as already there: an earlier attempt made it."""
        try:
            await self._send(Request("PUT", path, {}, body))
        except Refused as refusal:
            if refusal.status not in (httpx.codes.PRECONDITION_FAILED, httpx.codes.PRECONDITION_REQUIRED):
                raise

    async def close(self) -> None:
        await self._client.aclose()

    def _remember(self, path: str, answer: httpx.Response) -> None:
        if "ETag" in answer.headers:
            self._etags[path] = answer.headers["ETag"]
        else:
            self._etags.pop(path, None)

    async def _send(self, request: Request) -> httpx.Response:
        deadline, lost = time.monotonic() + PATIENCE_S, False
        while True:
            answer = await self._attempt(request)
            if answer is not None and answer.status_code not in PASSING:
                if answer.is_error:
                    raise Refused(answer, lost)
                return answer
            lost = True
            if time.monotonic() > deadline:
                raise TimeoutError(f"{request.method} {request.path} was not answered in {PATIENCE_S:g} s; last: {answer}")
            await asyncio.sleep(PAUSE_S)

    async def _attempt(self, request: Request) -> httpx.Response | None:
        try:
            return await self._client.request(
                request.method, request.path, headers=request.headers, json=request.body, params=request.params
            )
        except httpx.HTTPError:
            return None
