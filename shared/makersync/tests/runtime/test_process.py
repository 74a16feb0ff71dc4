"""A whole service process on an in-memory broker: it starts, works, reports what is missing, and stops in order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import BrokerRefused
from makersync.clock import ManualClock, WallClock
from makersync.effects.conditions import stops_writes
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.lease import acquire
from makersync.effects.outbox import Outbox
from makersync.errors import LogReplaced, OperatorError
from makersync.runtime.log_refusal import LEFT_BEHIND_S, LogRefusal
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import Context, Periodic, ServiceDefinition
from makersync.runtime.watchdog import Watchdog
from makersync.settings import Settings
from makersync.store.database import DatabaseAway
from makersync.store.tables import LogIdentityRow
from makersync.store.upserts import upsert
from makersync.telemetry import create_metrics
from shared.makersync.tests.effects.toy_services import READERS, Halves, JoinWork
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import World, write_identity
from shared.makersync.tests.effects.toys import ANN, LEFT, LEFT_HALF, PAIR, PARTITIONS, RIGHT, half_event, outgoing
from shared.makersync.tests.effects.unreadable import operator_says, poison
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for, wait_until


class Service:
    """The toys' service as one process: it sets halves, and joins them itself."""

    def __init__(self, folder: Path, broker: MemoryBroker, context: Context) -> None:
        self.folder, self.broker, self.context = folder, broker, context
        self.steps = 0
        self.process = ServiceProcess(self._definition(), context)
        self.process.status.broker = broker
        self.inner = httpx.AsyncClient(transport=httpx.ASGITransport(self.process.inner_application()), base_url="http://toys")
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.process.application()), base_url="http://toys")

    def _definition(self) -> ServiceDefinition:
        def consumers(context: Context) -> Sequence[Consumer]:
            return [Consumer("pairs", READERS, lambda number: JoinWork(number, context.outbox))]

        return ServiceDefinition(
            "toys",
            "Toys",
            (),
            (LEFT, RIGHT, PAIR),
            consumers,
            lambda _context: [],
            lambda _context: [Periodic("step", 0.01, self._step)],
        )

    async def _step(self) -> None:
        self.steps += 1
        if self.steps == 2:
            raise DatabaseAway("for a moment")

    @property
    def halves(self) -> Halves:
        return Halves(self.context.store, self.context.outbox)

    async def ready(self) -> dict[str, Any]:
        public, answer = await asyncio.gather(self.client.get("/readyz"), self.inner.get("/readyz"))
        assert set(public.json()["parts"].values()) <= {"ok", "away", "halted"}
        assert answer.status_code == (200 if answer.json()["status"] == "ready" else 503)
        return dict(answer.json()["parts"])


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    async def migrated(*_: object) -> None:
        return None

    monkeypatch.setattr("makersync.runtime.process.require_migrated", migrated)
    settings = Settings(
        state_folder=tmp_path,
        partitions=PARTITIONS,
        http_port=free_port(),
        inner_port=free_port(),
        fetch_wait=0.02,
        relay_poll=0.02,
        dead_letter_limit=1,
        hold_within=1.0,
        watchdog=30.0,
    )
    clock, broker = WallClock(), MemoryBroker()
    await write_identity(broker, "log-1")
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toys.sqlite'}")
    context = Context(settings, store, clock, Outbox("/toys", clock, PARTITIONS), create_metrics())
    service = Service(tmp_path, broker, context)
    yield service
    await service.client.aclose()
    await service.inner.aclose()
    await store.close()


@contextlib.asynccontextmanager
async def running(service: Service) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(service.process.run())
    try:
        await wait_for(lambda: _holds_everything(service))
        yield task
    finally:
        service.process.stop()
        await task


async def _holds_everything(service: Service) -> bool:
    return any(len(loop.held) == PARTITIONS for loop in service.process.status.loops)


async def test_a_change_is_published_read_joined_and_published_again(service: Service) -> None:
    async with running(service):
        await service.halves.set(LEFT_HALF, ANN, 7)
        await wait_until(lambda: len(service.broker.records(PAIR.name)) == 1)
        assert set((await service.ready()).values()) == {"ok"}
        await wait_until(lambda: service.steps > 3)
    assert service.broker._groups == {"pairs": []}


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


async def test_a_halted_partition_turns_readiness_red_until_an_operator_has_decided(service: Service) -> None:
    """Guards: no partition halts silently."""
    world = World(await open_store(f"sqlite+aiosqlite:///{service.folder / 'toys.sqlite'}"), service.broker, WallClock())  # type: ignore[arg-type]
    async with running(service):
        service.broker.append([poison(), poison(version=2)])
        async with service.context.store.transaction() as session:
            await service.context.outbox.record(session, [half_event(LEFT_HALF, ANN, 1, 3)])
        await wait_until(lambda: bool(service.process.status.loops[0].standing_still))
        parts = await service.ready()
        assert parts["partitions"].startswith(f"halted: pairs partition 0 of {LEFT.name}: more than 1 records")
        assert (parts["database"], parts["broker"]) == ("ok", "ok")
        await operator_says(world, "dismissed")
        await wait_for(lambda: _is_ready(service))
        await wait_until(lambda: len(service.broker.records(PAIR.name)) == 1)
    await world.store.close()


async def test_a_group_without_assignment_turns_readiness_red_until_a_member_rejoins(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: everything was green while no member worked."""
    monkeypatch.setattr("makersync.effects.idleness.LOOK_EVERY_S", 0.05)
    red = "halted: pairs has worked on no partition for 1 s: its group assigns it none, and nobody takes the records that wait"
    async with running(service):
        service.broker.lose_leader("pairs")
        await wait_until(lambda: not service.process.status.loops[0].held)
        await service.halves.set(LEFT_HALF, ANN, 7)
        await wait_for(lambda: _says(service, "partitions", red))
        await wait_for(lambda: _is_ready(service))
        await wait_until(lambda: service.process.status.loops[0].processed == 1)


async def _is_ready(service: Service) -> bool:
    return set((await service.ready()).values()) == {"ok"}


async def test_readiness_says_that_the_broker_is_away_and_requests_still_work(service: Service) -> None:
    async with running(service):
        service.broker.stop_answering()
        await wait_for(lambda: _is_away(service))
        await service.halves.set(LEFT_HALF, ANN, 1)
        service.broker.start_answering()
        await wait_for(lambda: _is_ready(service))
        await wait_until(lambda: len(service.broker.records(PAIR.name)) == 1)


async def _is_away(service: Service) -> bool:
    parts = await service.ready()
    return (parts["database"], parts["broker"]) == ("ok", "away: no broker answers at memory")


async def test_a_topic_changed_while_a_process_runs_is_named_and_makes_it_unready(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the check is repeated. A change after the start would otherwise stay unnoticed until the next start."""
    monkeypatch.setattr("makersync.runtime.topic_watch.LOOK_EVERY_S", 0.02)
    async with running(service):
        await wait_for(lambda: _is_ready(service))
        service.broker.set(LEFT.name, "retention.ms", "60000")
        await wait_for(
            lambda: _says(service, "topics", f"halted: topic {LEFT.name} has retention.ms=60000; it must be not set")
        )
        service.broker.set(LEFT.name, "retention.ms", "-1")
        await wait_for(lambda: _is_ready(service))


async def test_an_unusable_topic_is_refused_at_the_start_with_its_remedy(service: Service) -> None:
    """Guards: one line that names topic, setting and remedy, instead of readers that wait forever."""
    service.broker.set(LEFT.name, "compression.type", "brotli")
    service.process.status.settings = service.context.settings.model_copy(
        update={"profile": "cluster", "key_pepper": SecretStr("p" * 32)}
    )
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _says(service, "log", f"halted: topic {LEFT.name} has compression.type=brotli; it must be one of"))
    assert "--add-config compression.type=producer" in (await service.ready())["conditions"]
    service.process.stop()
    await task


async def test_a_service_whose_events_nobody_publishes_is_unready_in_every_process(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: even in a process that does not publish, because its requests write events too."""
    monkeypatch.setattr("makersync.effects.backlog.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("makersync.effects.backlog.LEASES_UNLED", 0.01)
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset({"http"})})
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _says(service, "publishing", "halted: No process of toys has published for"))
    assert await service.halves.set(LEFT_HALF, ANN, 1) == 1
    service.process.stop()
    await task


async def _says(service: Service, part: str, beginning: str) -> bool:
    return bool((await service.ready())[part].startswith(beginning))


async def test_a_process_waits_for_a_broker_that_has_not_started_yet(service: Service) -> None:
    service.broker.stop_answering()
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _is_away(service))
    service.broker.start_answering()
    await wait_for(lambda: _is_ready(service))
    service.process.stop()
    await task


@pytest.mark.parametrize("stands_by", [False, True])
async def test_a_log_that_is_replaced_ends_the_process_with_that_reason(service: Service, stands_by: bool) -> None:
    """Guards: even a process that does not publish. It would continue at its old positions in a log that reaches them."""
    if stands_by:
        async with service.context.store.transaction() as session:
            assert await acquire(session, service.context.clock, "toys.relay", "another", service.context.settings.lease_ttl)
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _holds_everything(service))
    service.broker.replace()
    await write_identity(service.broker, "log-2")
    with pytest.raises(LogReplaced):
        await asyncio.wait_for(task, 20)


async def test_a_refused_log_stops_only_writes_until_the_right_one_is_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: no crash loop. Reads and operators' requests are answered, and the right log is found without a restart."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)
    async with service.context.store.transaction() as session:
        await upsert(session, LogIdentityRow, [{"id": 1, "log_id": "the right one"}], ["id"])
    settings = service.context.settings.model_copy(update={"replaced_log": "refuse"})
    service.process.status.settings = settings
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _writes_are_stopped(service))
    parts = await service.ready()
    assert parts["log"].startswith("halted: The broker's log is log-1, not the right one")
    assert (parts["database"], parts["broker"], parts["partitions"]) == ("ok", "ok", "ok")
    assert "MAKERSYNC_REPLACED_LOG=republish" in parts["conditions"]

    service.broker.replace()
    await write_identity(service.broker, "the right one")
    await wait_for(lambda: _is_ready(service))
    assert not await _writes_are_stopped(service)
    service.process.stop()
    await task


async def test_a_refusal_of_the_log_expires_unless_a_process_repeats_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a process with wrong settings that was removed. No other process would allow changes before the next start."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _is_ready(service))
    clock = ManualClock(service.context.clock.now())
    another = LogRefusal(service.context.store, clock)
    await another.declare(OperatorError("another number of partitions"))
    await asyncio.sleep(0.3)
    assert await _writes_are_stopped(service)
    clock.move_to(clock.now() - timedelta(seconds=LEFT_BEHIND_S + 1))
    await another.declare(OperatorError("another number of partitions"))
    await wait_for(lambda: _is_ready(service))
    service.process.stop()
    await task


async def _writes_are_stopped(service: Service) -> bool:
    async with service.context.store.reading() as session:
        return await stops_writes(session)


@pytest.mark.parametrize("lacking", ["join", "producer", "partitions"])
async def test_no_process_ends_when_the_broker_withdraws_rights(
    service: Service, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    """Guards: a reader, a writer and the start each need different rights; parts that work in the meantime lift nothing."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)

    async def refuse(*_: object) -> None:
        raise BrokerRefused("the broker refused: TopicAuthorizationFailedError")

    with monkeypatch.context() as without_rights:
        without_rights.setattr(service.broker, lacking, refuse)
        task = asyncio.create_task(service.process.run())
        if lacking == "producer":
            await service.halves.set(LEFT_HALF, ANN, 7)
        await wait_for(lambda: _writes_are_stopped(service))
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert await _writes_are_stopped(service)
            assert "TopicAuthorizationFailedError" in (await service.ready())["conditions"]
    await wait_for(lambda: _is_ready(service))
    assert service.context.store._after_commit == [service.process.status.publisher._doorbell.ring]  # type: ignore[union-attr]
    service.process.stop()
    await task


@pytest.mark.parametrize("roles", [{"http"}, {"http", "consumer", "publisher"}])
async def test_no_change_is_accepted_before_the_store_was_compared_with_the_log(service: Service, roles: set[str]) -> None:
    """Guards: without the log a restored database cannot be distinguished from a current one. After the comparison a process
    continues without the broker."""
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset(roles)})
    service.broker.stop_answering()
    task = asyncio.create_task(service.process.run())
    wiring = service.client._transport.app.state.wiring  # type: ignore[attr-defined]
    await wait_until(lambda: service.steps > 3)
    assert not wiring.is_compared()
    assert "changes wait until" in (await service.ready())["own_topics"]
    service.broker.start_answering()
    await wait_until(lambda: wiring.is_compared())
    service.broker.stop_answering()
    assert (await service.ready())["own_topics"] == "ok"
    service.broker.start_answering()
    service.process.stop()
    await task


@pytest.mark.parametrize("roles", [{"http"}, {"http", "consumer", "publisher"}])
async def test_a_store_that_is_behind_its_own_topics_is_unready_with_the_remedy(service: Service, roles: set[str]) -> None:
    """Guards: a restored database that serves with green readiness. A repair is noticed at the next start."""
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset(roles)})
    service.broker.append([outgoing(LEFT_HALF, ANN, 3)])
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: _writes_are_stopped(service))
    parts = await service.ready()
    assert "lost" in parts["conditions"]
    assert parts["conditions"].endswith("Run `makersync reconcile toys`")
    await wait_until(lambda: service.steps > 3)
    assert await _writes_are_stopped(service)
    service.process.stop()
    await task


async def test_readiness_names_the_part_that_is_missing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a consumer that waits for the database must not report that the broker is away."""

    async def fail(_loop: ConsumerLoop) -> int:
        raise DatabaseAway("no database answers at db:5432")

    async with running(service):
        with monkeypatch.context() as without_database:
            without_database.setattr(ConsumerLoop, "round", fail)
            await wait_until(lambda: service.process.status.loops[0].away is not None)
            parts = await service.ready()
            assert (parts["database"], parts["broker"]) == ("away: no database answers at db:5432", "ok")
        await wait_for(lambda: _is_ready(service))


async def test_reasons_and_metrics_are_shown_only_on_the_inner_port(service: Service) -> None:
    settings = service.context.settings
    async with running(service), httpx.AsyncClient(trust_env=False) as client:
        inner, public = (f"http://127.0.0.1:{port}" for port in (settings.inner_port, settings.http_port))
        service.broker.stop_answering()
        await wait_for(lambda: _is_away(service))
        assert (await client.get(f"{inner}/readyz")).json()["parts"]["broker"] == "away: no broker answers at memory"
        assert (await client.get(f"{public}/readyz")).json()["parts"]["broker"] == "away"
        assert "makersync_http_requests_total" in (await client.get(f"{inner}/metrics")).text
        assert (await client.get(f"{public}/metrics")).status_code == 404
        service.broker.start_answering()


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
