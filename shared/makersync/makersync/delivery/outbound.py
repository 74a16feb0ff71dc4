"""Sends one HTTP request to an address outside: resolved once, every address checked, and connected to what was checked."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import httpcore
import httpx

from makersync.delivery.addresses import AddressRefused, Network, demand_permitted
from makersync.delivery.resolving import Resolver

#: An attempt may take so long in all, seconds, and so much of the answer's body is read.
LONGEST_S = 15.0
KEPT_BYTES = 1024
#: An address that does not answer leaves time for the next one, seconds; and only so many are tried.
_CONNECT_S, _MOST_ADDRESSES = 3.0, 4
_FAILURES = (OSError, UnicodeError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent, and where to. So many bytes of the answer's body are kept."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    method: str = "POST"
    kept_bytes: int = KEPT_BYTES


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status with the beginning of the body, which may be all of it (`is_whole`), or the fixed name of what
    went wrong."""

    fault: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False


class Outbound:
    """Sends to addresses that are public, or in the networks that operators have opened.

    Redirects are answers like others, and nothing of the environment, such as a proxy, is heeded. Every request has a
    connection of its own, which ends with it.
    """

    def __init__(
        self, opened: Iterable[Network], resolve: Resolve | None = None, authorities: ssl.SSLContext | None = None
    ) -> None:
        self._opened, self._resolve = tuple(opened), resolve or Resolver()
        self._authorities = authorities or ssl.create_default_context()

    async def post(self, post: Post, within_s: float = LONGEST_S) -> Reply:
        """The whole attempt takes at most so many seconds."""
        heads: list[Reply] = []
        try:
            async with asyncio.timeout(within_s):
                return await self._post(post, heads)
        except AddressRefused:
            return Reply("address_refused")
        except TimeoutError:
            return heads[0] if heads else Reply("timeout")
        except _FAILURES as error:
            return heads[0] if heads else Reply(_fault(error))

    async def _post(self, post: Post, heads: list[Reply]) -> Reply:
        """`heads` is given what is known as soon as there is a status: a body that does not end changes nothing about it."""
        url = httpx.URL(post.url)
        backend = _CheckedBackend(self._opened, self._resolve, opened_only=url.scheme == "http")
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with (
            httpcore.AsyncHTTPConnection(target.origin, self._authorities, network_backend=backend) as connection,
            connection.stream(post.method, target, headers=_encoded(post, url), content=post.body) as response,
        ):
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            heads.append(Reply(None, response.status, headers))
            async for chunk in response.aiter_stream():
                body = (heads[0].body + chunk)[: post.kept_bytes]
                heads[0] = Reply(None, response.status, headers, body)
                if len(body) == post.kept_bytes:
                    return heads[0]
            return replace(heads[0], is_whole=True)


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses. TLS takes the name from the URL, which httpcore passes to the stream."""

    def __init__(self, opened: Sequence[Network], resolve: Resolve, opened_only: bool) -> None:
        self._opened, self._resolve, self._opened_only = opened, resolve, opened_only
        self._tcp = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        demand_permitted(addresses, self._opened, self._opened_only)
        for address in addresses[:_MOST_ADDRESSES]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._tcp.connect_tcp(address, port, _CONNECT_S, local_address, socket_options)
        raise httpcore.ConnectError("No address of the name takes the connection.")


def _encoded(post: Post, url: httpx.URL) -> list[tuple[bytes, bytes]]:
    given = {"content-length": str(len(post.body)), **post.headers}
    return [(b"host", url.netloc), *((name.encode("ascii"), value.encode("ascii")) for name, value in given.items())]


def _fault(error: BaseException) -> str:
    """The fixed name of a failure. Errors of TLS are wrapped by the library."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return "name_not_found"
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return "tls_failed"
        seen = seen.__cause__ or seen.__context__
    return "answer_malformed" if isinstance(error, httpcore.ProtocolError) else "no_connection"
