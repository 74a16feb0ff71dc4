"""One request outwards: to the address that was checked, within bounds of time and size, whatever the receiver does."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from time import monotonic

import pytest
import trustme

from makersync.clock import WallClock
from makersync.delivery import outbound as outbound_module
from makersync.delivery.outbound import KEPT_BYTES, Outbound, Post, Reply
from makersync.delivery.outcomes import outcome_of

from .conftest import LOOPBACK
from .receiver import Received, Receiver, answer, receiving


class Names:
    """A resolver whose answers change from look-up to look-up."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


@pytest.fixture
def outbound() -> Outbound:
    return Outbound(LOOPBACK)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def secure(authority: trustme.CA) -> AsyncIterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example.org").configure_cert(context)
    async with receiving(context) as receiver:
        yield receiver


def trusting(authority: trustme.CA, names: Names) -> Outbound:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Outbound(LOOPBACK, names, context)


def post_to(url: str) -> Post:
    return Post(url, {"content-type": "application/json"}, b'{"a":1}')


async def post(outbound: Outbound, url: str, within_s: float = 10.0) -> Reply:
    return await outbound.post(post_to(url), within_s)


def name_of(reply: Reply) -> str:
    return outcome_of(reply, WallClock().now(), 1).name


async def test_what_is_sent_arrives_as_it_is(outbound: Outbound, receiver: Receiver) -> None:
    receiver.replies = lambda _: answer(200, b"taken", X_Kind="test")
    reply = await post(outbound, f"{receiver.url}?a=b%20c")
    assert (reply.status, reply.body, reply.headers["x-kind"]) == (200, b"taken", "test")
    [received] = receiver.received
    assert (received.line, received.body) == ("POST /hooks?a=b%20c HTTP/1.1", b'{"a":1}')
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_an_error_body_with_200_is_a_success_whose_body_the_log_keeps(outbound: Outbound, receiver: Receiver) -> None:
    receiver.replies = lambda _: answer(200, b'{"error": "not really"}')
    reply = await post(outbound, receiver.url)
    assert (name_of(reply), reply.body) == ("delivered", b'{"error": "not really"}')


async def test_a_redirect_is_not_followed(outbound: Outbound, receiver: Receiver) -> None:
    receiver.replies = lambda _: answer(302, Location=f"http://127.0.0.1:{receiver.port}/other")
    assert name_of(await post(outbound, receiver.url)) == "redirected"
    assert len(receiver.received) == 1


async def test_a_receiver_that_is_silent_is_given_up_in_time(outbound: Outbound, receiver: Receiver) -> None:
    async def silent(_request: Received, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    receiver.answering = silent
    begun = monotonic()
    assert name_of(await post(outbound, receiver.url, 0.3)) == "timeout"
    assert monotonic() - begun < 2


async def test_a_receiver_that_drips_its_head_is_given_up_in_time(outbound: Outbound, receiver: Receiver) -> None:
    async def dripping(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: 1\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    receiver.answering = dripping
    assert name_of(await post(outbound, receiver.url, 0.3)) == "timeout"


async def test_an_endless_head_is_no_answer(outbound: Outbound, receiver: Receiver) -> None:
    async def endless(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"a" * 60_000 + b"\r\n")
            await writer.drain()

    receiver.answering = endless
    assert name_of(await post(outbound, receiver.url)) == "answer_malformed"


async def test_an_endless_body_is_read_for_a_kilobyte(outbound: Outbound, receiver: Receiver) -> None:
    async def endless(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    receiver.answering = endless
    begun = monotonic()
    reply = await post(outbound, receiver.url)
    assert (name_of(reply), reply.body) == ("delivered", b"x" * KEPT_BYTES)
    assert monotonic() - begun < 5


async def test_a_body_that_does_not_end_in_time_changes_nothing_about_the_status(
    outbound: Outbound, receiver: Receiver
) -> None:
    async def dripping(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nbegun")
        await writer.drain()
        await asyncio.sleep(60)

    receiver.answering = dripping
    reply = await post(outbound, receiver.url, 0.3)
    assert (name_of(reply), reply.body) == ("delivered", b"begun")


@pytest.mark.parametrize("bytes_", [b"", b"SSH-2.0-nothing here\r\n\r\n", b"HTTP/1.1 two hundred\r\n\r\n"])
async def test_what_is_no_http_is_no_answer(outbound: Outbound, receiver: Receiver, bytes_: bytes) -> None:
    receiver.replies = lambda _: bytes_
    assert name_of(await post(outbound, receiver.url)) == "answer_malformed"


async def test_a_port_where_nobody_listens_is_no_connection(outbound: Outbound) -> None:
    async with receiving() as gone:
        url = gone.url
    assert name_of(await post(outbound, url)) == "no_connection"


async def test_a_name_that_nobody_has_is_told_apart(outbound: Outbound) -> None:
    for url in ("https://nowhere.invalid/", f"https://{'a' * 70}.example.org/"):
        assert name_of(await post(outbound, url)) in {"name_not_found", "timeout"}


async def test_nothing_is_sent_to_an_address_that_is_not_public(receiver: Receiver) -> None:
    for closed in (Outbound(()), Outbound((), Names(["8.8.8.8", "127.0.0.1"]))):
        assert name_of(await post(closed, receiver.url)) == "address_refused"
    numeric = f"https://2130706433:{receiver.port}/"
    assert name_of(await post(Outbound(()), numeric)) == "address_refused"
    assert receiver.received == []


async def test_http_reaches_opened_networks_alone() -> None:
    assert name_of(await post(Outbound(LOOPBACK, Names(["8.8.8.8"])), "http://example.org/")) == "address_refused"


async def test_a_name_that_changes_its_address_after_the_check_is_connected_to_what_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    backend = outbound_module.httpcore.AnyIOBackend
    real = backend.connect_tcp

    async def recorded(self: object, host: str, *more: object) -> object:
        connected.append(host)
        return await real(self, host, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(backend, "connect_tcp", recorded)
    names = Names(["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"])
    reply = await post(Outbound(LOOPBACK, names), f"http://changing.example.org:{receiver.port}/")
    assert (name_of(reply), names.asked, connected) == ("delivered", 1, ["127.0.0.1"])
    assert receiver.received[0].headers["host"] == f"changing.example.org:{receiver.port}"
    await post(Outbound((), Names(["10.0.0.1"])), "https://changing.example.org/")
    assert connected == ["127.0.0.1"]


async def test_the_next_address_is_tried_when_one_takes_no_connection(receiver: Receiver) -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])
    assert name_of(await post(Outbound(LOOPBACK, names), f"http://two.example.org:{receiver.port}/")) == "delivered"


async def test_tls_takes_the_name_of_the_url_and_the_address_that_was_checked(secure: Receiver, authority: trustme.CA) -> None:
    names = Names(["127.0.0.1"])
    reply = await post(trusting(authority, names), f"https://hooks.example.org:{secure.port}/")
    assert name_of(reply) == "delivered"
    assert secure.received[0].headers["host"] == f"hooks.example.org:{secure.port}"


async def test_a_certificate_for_another_name_or_of_an_unknown_authority_is_refused(
    secure: Receiver, authority: trustme.CA
) -> None:
    other = f"https://other.example.org:{secure.port}/"
    assert name_of(await post(trusting(authority, Names(["127.0.0.1"])), other)) == "tls_failed"
    unknown = trusting(trustme.CA(), Names(["127.0.0.1"]))
    assert name_of(await post(unknown, f"https://hooks.example.org:{secure.port}/")) == "tls_failed"
    assert secure.received == []


async def test_no_proxy_of_the_environment_is_used(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert name_of(await post(outbound, receiver.url)) == "delivered"
