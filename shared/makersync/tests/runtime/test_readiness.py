"""A whole service process on an in-memory broker: its readiness names what is missing."""

import httpx
import pytest
from pydantic import SecretStr

from makersync.clock import WallClock
from makersync.effects.consumer import ConsumerLoop
from makersync.store.database import DatabaseAway
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import World
from shared.makersync.tests.effects.toys import ANN, LEFT, LEFT_HALF, PAIR, half_event
from shared.makersync.tests.effects.unreadable import operator_says, poison
from tests.servers.waiting import wait_for, wait_until

from .toy_process import Service, is_away, is_ready, running, says, started


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
        await wait_for(lambda: is_ready(service))
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
        await wait_for(lambda: says(service, "partitions", red))
        await wait_for(lambda: is_ready(service))
        await wait_until(lambda: service.process.status.loops[0].processed == 1)


async def test_readiness_says_that_the_broker_is_away_and_requests_still_work(service: Service) -> None:
    async with running(service):
        service.broker.stop_answering()
        await wait_for(lambda: is_away(service))
        await service.halves.set(LEFT_HALF, ANN, 1)
        service.broker.start_answering()
        await wait_for(lambda: is_ready(service))
        await wait_until(lambda: len(service.broker.records(PAIR.name)) == 1)


async def test_a_topic_changed_while_a_process_runs_is_named_and_makes_it_unready(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the check is repeated. A change after the start would otherwise stay unnoticed until the next start."""
    monkeypatch.setattr("makersync.runtime.topic_watch.LOOK_EVERY_S", 0.02)
    async with running(service):
        await wait_for(lambda: is_ready(service))
        service.broker.set(LEFT.name, "retention.ms", "60000")
        await wait_for(lambda: says(service, "topics", f"halted: topic {LEFT.name} has retention.ms=60000; it must be not set"))
        service.broker.set(LEFT.name, "retention.ms", "-1")
        await wait_for(lambda: is_ready(service))


async def test_an_unusable_topic_is_refused_at_the_start_with_its_remedy(service: Service) -> None:
    """Guards: one line that names topic, setting and remedy, instead of readers that wait forever."""
    service.broker.set(LEFT.name, "compression.type", "brotli")
    service.process.status.settings = service.context.settings.model_copy(
        update={"profile": "cluster", "key_pepper": SecretStr("p" * 32)}
    )
    async with started(service):
        await wait_for(
            lambda: says(service, "log", f"halted: topic {LEFT.name} has compression.type=brotli; it must be one of")
        )
        assert "--add-config compression.type=producer" in (await service.ready())["conditions"]


async def test_a_service_whose_events_nobody_publishes_is_unready_in_every_process(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: even in a process that does not publish, because its requests write events too."""
    monkeypatch.setattr("makersync.effects.backlog.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("makersync.effects.backlog.LEASES_UNLED", 0.01)
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset({"http"})})
    async with started(service):
        await wait_for(lambda: says(service, "publishing", "halted: No process of toys has published for"))
        assert await service.halves.set(LEFT_HALF, ANN, 1) == 1


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
        await wait_for(lambda: is_ready(service))


async def test_reasons_and_metrics_are_shown_only_on_the_inner_port(service: Service) -> None:
    settings = service.context.settings
    async with running(service), httpx.AsyncClient(trust_env=False) as client:
        inner, public = (f"http://127.0.0.1:{port}" for port in (settings.inner_port, settings.http_port))
        service.broker.stop_answering()
        await wait_for(lambda: is_away(service))
        assert (await client.get(f"{inner}/readyz")).json()["parts"]["broker"] == "away: no broker answers at memory"
        assert (await client.get(f"{public}/readyz")).json()["parts"]["broker"] == "away"
        assert "makersync_http_requests_total" in (await client.get(f"{inner}/metrics")).text
        assert (await client.get(f"{public}/metrics")).status_code == 404
        service.broker.start_answering()
