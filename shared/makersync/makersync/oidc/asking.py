"""Asks an OpenID provider for JSON: by the guard that webhooks are sent by, within bounds of time and size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from makersync.delivery.outbound import Outbound, Post
from makersync.oidc.faults import Fault, ProviderRefused

#: An answer may take so long, seconds, and have so many bytes. Keys and metadata have a few thousand.
LONGEST_S, MOST_BYTES = 8.0, 128 * 1024
#: So many questions are asked at a time. Each holds a place among the requests of this service.
_AT_ONCE = 20
_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """A status with the JSON object that came with it; an empty one where there was none."""

    status: int
    said: Mapping[str, Any]


@dataclass(slots=True)
class Asking:
    """Redirects are not followed: a secret would go where nobody has set it up to go."""

    outbound: Outbound
    _asked: int = field(default=0, init=False)

    async def get(self, url: str) -> Said:
        """Raises ProviderRefused."""
        return await self._ask(Post(url, {"accept": "application/json"}, b"", "GET", MOST_BYTES))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] = _NO_HEADERS) -> Said:
        """Send a form. Raises ProviderRefused."""
        form = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded", **headers}
        return await self._ask(Post(url, form, body, "POST", MOST_BYTES))

    async def _ask(self, post: Post) -> Said:
        if self._asked >= _AT_ONCE:
            raise ProviderRefused(Fault.BUSY)
        self._asked += 1
        try:
            reply = await self.outbound.post(post, LONGEST_S)
        finally:
            self._asked -= 1
        if reply.status is None:
            raise ProviderRefused(Fault.ENDLESS if reply.fault == "timeout" else Fault.AWAY)
        if 300 <= reply.status < 400:
            raise ProviderRefused(Fault.REDIRECTS)
        if not reply.is_whole:
            raise ProviderRefused(Fault.ENDLESS)
        if reply.status >= 500 or reply.status in (408, 429):
            raise ProviderRefused(Fault.AWAY)
        return Said(reply.status, await asyncio.to_thread(_object, reply.body))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
