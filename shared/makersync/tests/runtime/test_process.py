"""A whole service process on an in-memory broker: it starts, works, is watched, and stops in order."""

import asyncio
import socket

import pytest

from makersync.clock import WallClock
from makersync.errors import OperatorError
from makersync.runtime.watchdog import Watchdog
from shared.makersync.tests.effects.toy_services import JoinWork
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import World
from shared.makersync.tests.effects.toys import ANN, LEFT, LEFT_HALF, PAIR, outgoing
from tests.servers.waiting import wait_for, wait_until

from .toy_process import Service, is_away, is_ready, running, started


async def test_a_change_is_published_read_joined_and_published_again(service: Service) -> None:
    async with running(service):
        await service.halves.set(LEFT_HALF, ANN, 7)
        await wait_until(lambda: len(service.broker.records(PAIR.name)) == 1)
        assert set((await service.ready()).values()) == {"ok"}
        await wait_until(lambda: service.steps > 3)
    assert service.broker._groups == {"pairs": []}


async def test_how_far_consumers_are_behind_is_measured_while_nobody_looks(service: Service) -> None:
    """Guards: whoever opens the operators' page first would see nothing that waits."""
    async with running(service):
        status = service.process.status
        await wait_until(lambda: status.samples.newest_at is not None and status.waits is not None)
        assert status.samples.silent_since is None and status.samples.kept[-1].ends


async def test_a_stop_publishes_all_events_and_releases_the_lease_at_once(service: Service) -> None:
    """Guards: an orderly stop. Events do not wait for the next start, and the lease is released."""
    async with running(service):
        await wait_until(lambda: service.process.status.publisher is not None and service.process.status.publisher.leads)
        for number in range(20):
            await service.halves.set(LEFT_HALF, f"{ANN}-{number}", 1)
    assert len(service.broker.records(LEFT.name)) == 20
    world = World(await open_store(f"sqlite+aiosqlite:///{service.folder / 'toys.sqlite'}"), service.broker, WallClock())  # type: ignore[arg-type]
    assert await world.lease("another") is not None
    await world.store.close()


async def test_a_process_waits_for_a_broker_that_has_not_started_yet(service: Service) -> None:
    service.broker.stop_answering()
    async with started(service):
        await wait_for(lambda: is_away(service))
        service.broker.start_answering()
        await wait_for(lambda: is_ready(service))


async def test_a_port_in_use_is_named_with_what_to_do(service: Service) -> None:
    """Guards: uvicorn would end the process by itself, without a message for the operator."""
    port = service.context.settings.http_port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OperatorError, match=rf"Port {port} .*MAKERSYNC_HTTP_PORT"):
        await asyncio.wait_for(service.process.run(), 20)


async def test_the_watchdog_sees_a_loop_that_hangs(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: every part that works with the broker is watched. A round that never ends stops only its own counter."""
    never = asyncio.Event()

    async def hang(_work: JoinWork) -> None:
        await never.wait()

    async with running(service):
        watchdog = Watchdog(WallClock(), 0.5, service.process.progress)
        monkeypatch.setattr(JoinWork, "before_write", staticmethod(hang))
        service.broker.append([outgoing(LEFT_HALF, ANN, 1)])
        await wait_until(lambda: watchdog.look() == "pairs")
        never.set()


async def test_a_stopping_process_is_no_longer_watched(service: Service) -> None:
    async with running(service):
        assert set(service.process.progress()) == {"pairs", "publisher"}
    assert service.process.progress() == {}
