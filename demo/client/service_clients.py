"""The services' public HTTP APIs, as a client with an API key sees them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from makersync.errors import RetryLater

Body = Mapping[str, Any]
ANSWER_S = 30.0
#: A service that was restarted is back within this time, as a rule.
PATIENCE_S = 60.0
_PAUSE_S = 0.2
_PAGE = 200


class ServiceAway(RetryLater):
    """The service did not answer, or only with failures of its own, for a minute."""


class RefusedByService(Exception):
    """The service said no; the message is its own."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One request. `once` is its Idempotency-Key, with which a creation may be sent again."""

    method: str
    path: str
    body: Body | None = None
    once: str | None = None
    changes: bool = False


class ServiceClient:
    """One service, visited with keys. A visit that met no answer or an overloaded service is repeated, so it must be one
    that may be: a creation with an Idempotency-Key, or a change that says what is to be, whatever is."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self.url = url

    async def get(self, key: str, path: str) -> Any:
        return await self._visit(key, ServiceRequest("GET", path))

    async def create(self, key: str, path: str, body: Body | None, once: str | None = None) -> Any:
        return await self._visit(key, ServiceRequest("POST", path, body, once))

    async def change(self, key: str, method: str, path: str, body: Body | None = None) -> Any:
        """Whatever the version is now: nobody but the demo changes the demo's things."""
        return await self._visit(key, ServiceRequest(method, path, body, changes=True))

    async def pages(self, key: str, path: str) -> AsyncIterator[Any]:
        """Every item of a list."""
        joint, cursor = "&" if "?" in path else "?", ""
        while True:
            page = await self.get(key, f"{path}{joint}limit={_PAGE}{cursor}")
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"

    async def _visit(self, key: str, visit: ServiceRequest) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return _read(await self._send(key, visit))
            except (httpx.TransportError, RetryLater) as error:
                if time.monotonic() > deadline:
                    raise ServiceAway(f"{self.url} did not answer for {PATIENCE_S:g} s: {error}") from error
            await asyncio.sleep(_PAUSE_S)

    async def _send(self, key: str, visit: ServiceRequest) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        if visit.once is not None:
            headers["Idempotency-Key"] = visit.once
        if visit.changes:
            headers["If-Match"] = "*"
        return await self._client.request(visit.method, self.url + visit.path, json=visit.body, headers=headers)


def _read(answer: httpx.Response) -> Any:
    """The answer's JSON. Raises Refused, or RetryLater for a service that is away, busy or just dying."""
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise RetryLater(f"status {answer.status_code}")
    if answer.is_success:
        return answer.json() if answer.content else None
    raise RefusedByService(answer.status_code, f"{answer.request.method} {answer.request.url.path}: {_detail(answer)}")


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    return f"{answer.status_code} {problem.get('title', '')}: {problem.get('detail', '')}"


@dataclass(frozen=True, slots=True)
class ServiceClients:
    """The three services, and the operators' keys of each."""

    openings: ServiceClient
    learners: ServiceClient
    matching: ServiceClient
    operator_keys: Mapping[str, str]


def new_client() -> httpx.AsyncClient:
    """For visits on this machine: no proxy of the environment stands between."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx.AsyncClient(timeout=ANSWER_S, limits=limits, trust_env=False)
