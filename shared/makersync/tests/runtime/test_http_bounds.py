"""The real server on loopback under small attacks: it stays within its limits, names what it refuses, and continues to
serve."""

import asyncio
import socket

import httpx
import pytest

from makersync.errors import OperatorError
from makersync.runtime.http_bounds import RESERVED, connections_within
from makersync.runtime.http_server import Address, serve_http
from tests.servers.waiting import wait_until

from .desk import TIGHT, Desk, drip, everything, problem_in, send, served, status_of


async def test_a_head_above_its_size_limit_is_refused_and_not_buffered(desk: Desk) -> None:
    """Guards: one header of 74 MB froze the service and killed it."""
    for sent in (
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a" * 1_000_000,
    ):
        answer = await send(desk, sent)
        assert (status_of(answer), problem_in(answer)) == (431, ("headers-too-large", "head_too_large"))
    assert desk.refusals == {"headers-too-large": 3}
    assert await desk.ask() == "GET 0"


async def test_too_many_headers_are_refused(desk: Desk) -> None:
    answer = await send(desk, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 21 + b"\r\n")
    assert (status_of(answer), problem_in(answer)) == (431, ("headers-too-large", "too_many_headers"))
    assert status_of(await send(desk, b"GET / HTTP/1.1\r\nConnection: close\r\n" + b"a: b\r\n" * 19 + b"\r\n")) == 200


async def test_a_head_just_below_its_size_limit_is_read_with_a_large_body_after_it(desk: Desk) -> None:
    body = b"b" * 50_000
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 50000\r\nX: " + b"a" * 4000 + b"\r\n\r\n"
    assert (await send(desk, head + body)).endswith(b"POST 50000")


async def test_a_dripped_head_is_refused_in_time(desk: Desk) -> None:
    answer, lasted = await drip(desk, b"GET / HTTP/1.1\r\nX: ", b"a")
    assert (status_of(answer), problem_in(answer)) == (408, ("request-timeout", "sent_too_slowly"))
    assert lasted < 5


async def test_a_dripped_head_of_a_second_request_is_refused_in_time(desk: Desk) -> None:
    answer, lasted = await drip(desk, b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nX: ", b"a")
    assert answer.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 408" in answer
    assert lasted < 5


@pytest.mark.parametrize(
    ("framing", "piece"), [(b"Content-Length: 100000", b"b"), (b"Transfer-Encoding: chunked", b"1\r\nb\r\n")]
)
async def test_a_dripped_body_is_refused_in_time(desk: Desk, framing: bytes, piece: bytes) -> None:
    answer, lasted = await drip(desk, b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n", piece)
    assert (status_of(answer), problem_in(answer)) == (408, ("request-timeout", "sent_too_slowly"))
    assert lasted < 5
    await wait_until(lambda: desk.ends["disconnected"] == 1)


async def test_trailers_without_end_are_refused(desk: Desk) -> None:
    """Guards: trailers are buffered like headers, and the limit on the body does not count them."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\nX: "
    answer = await send(desk, head + b"a" * 1_000_000)
    assert (status_of(answer), problem_in(answer)) == (413, ("body-too-large", "body_too_large"))


async def test_idle_connections_are_closed(desk: Desk) -> None:
    reader, writer = await desk.connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status_of(await everything(reader)) == 200
    writer.close()
    reader, writer = await desk.connect()
    assert await everything(reader) == b""
    writer.close()


async def test_half_open_connections_stay_few_and_do_not_block_others(desk: Desk) -> None:
    """Guards: 4,000 of them stayed open, and used the file descriptors that the broker's connection needed."""
    attackers = [await desk.connect() for _ in range(200)]
    for _, writer in attackers:
        writer.write(b"GET / HTTP/1.1\r\nX: ")
    ends = asyncio.gather(*(everything(reader) for reader, _ in attackers))
    assert await desk.ask() == "GET 0"
    assert desk.refusals["displaced"] >= 150
    answers = await asyncio.wait_for(ends, 5)
    assert {status_of(answer) for answer in answers} <= {0, 408}
    for _, writer in attackers:
        writer.close()


async def test_a_new_connection_is_refused_when_every_other_one_is_busy(desk: Desk) -> None:
    desk.do(desk.go.clear)
    workers = [await desk.connect() for _ in range(50)]
    for _, writer in workers:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
    await wait_until(lambda: desk.ends["begun"] == 50)
    answer = await send(desk, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status_of(answer), problem_in(answer)) == (503, ("unavailable", "too_many_connections"))
    assert b"retry-after: 1" in answer
    for _, writer in workers:
        writer.close()


async def test_a_client_that_does_not_read_its_response_is_disconnected(desk: Desk) -> None:
    """Guards: its response, and its connection, would wait forever."""
    _, writer = await desk.connect()
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"POST /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await wait_until(lambda: desk.ends["answered"] == 1)
    assert desk.ends["over"] == 0
    await wait_until(lambda: desk.ends["over"] == 1)
    writer.close()


async def test_a_read_is_cancelled_when_its_caller_disconnects_and_a_change_is_not(desk: Desk) -> None:
    desk.do(desk.go.clear)
    for begun, method in enumerate((b"GET", b"POST"), start=1):
        _, writer = await desk.connect()
        writer.write(method + b" / HTTP/1.1\r\nHost: x\r\n\r\n")
        await writer.drain()
        await wait_until(lambda: desk.ends["begun"] == begun)  # noqa: B023 - awaited within its turn
        writer.close()
    await wait_until(lambda: desk.ends["cancelled"] == 1)
    desk.do(desk.go.set)
    await wait_until(lambda: desk.ends["answered"] == 1)


async def test_data_that_is_not_http_is_answered_with_a_problem(desk: Desk) -> None:
    for sent in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"SSH-2.0-OpenSSH\r\n"):
        answer = await send(desk, sent)
        assert (status_of(answer), problem_in(answer)) == (400, ("malformed-request", "not_http"))
    asked_for_another = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert status_of(await send(desk, asked_for_another)) == 200


async def test_pipelined_requests_are_answered_in_order(desk: Desk) -> None:
    both = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nConnection: close\r\n\r\n"
    answer = await send(desk, both)
    assert answer.index(b"POST 3") < answer.index(b"GET 0")


async def test_a_surplus_request_gets_a_retry_hint_and_health_checks_are_exempt() -> None:
    async with served(most=2) as desk:
        desk.do(desk.go.clear)
        async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{desk.port}") as client:
            held = [asyncio.create_task(client.get("/")) for _ in range(2)]
            await wait_until(lambda: desk.ends["begun"] == 2)
            refused = await client.get("/")
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert (refused.json()["type"], refused.json()["rule"]) == ("urn:makersync:problem:unavailable", "busy")
            health = asyncio.create_task(client.get("/healthz"))
            await wait_until(lambda: desk.ends["begun"] == 3)
            desk.do(desk.go.set)
            assert {answer.status_code for answer in await asyncio.gather(*held, health)} == {200}
            assert (await client.get("/")).status_code == 200


async def test_slow_callers_do_not_delay_a_stop() -> None:
    async with served() as desk:
        reader, writer = await desk.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nb")
        await asyncio.sleep(0.1)
    assert status_of(await everything(reader)) == 408
    writer.close()


def test_connections_leave_the_reserved_descriptors_free() -> None:
    assert connections_within(1000, 1_048_576) == 1000
    assert connections_within(1000, 1024) == 1024 - RESERVED
    assert connections_within(1000, 256) == 64
    assert connections_within(1000, 20) == 16


async def test_a_port_that_cannot_be_opened_names_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1], "MAKERSYNC_INNER_PORT")
        with pytest.raises(OperatorError, match="MAKERSYNC_INNER_PORT"):
            await serve_http(Desk(), address, TIGHT, lambda _: None, asyncio.Event())
