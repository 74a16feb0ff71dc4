"""A process with the role `sender` sends webhooks, and needs no broker for it."""

import asyncio
from dataclasses import replace

import pytest

from makersync.clock import WallClock
from makersync.delivery.attempt_loop import AttemptLoop
from makersync.delivery.sealing import Seal
from makersync.delivery.tables import DeliveryModel, DeliveryRow
from makersync.feed.tables import FeedModel
from makersync.http.pepper import read_pepper
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import ServiceDefinition
from makersync.runtime.watchdog import Watchdog
from makersync.settings import Role
from shared.makersync.tests.delivery.conftest import LOOPBACK, Market
from shared.makersync.tests.delivery.receiver import receiving
from tests.servers.waiting import wait_until

from .toy_process import Service


def process_of(service: Service, *roles: Role, has_webhooks: bool = True) -> ServiceProcess:
    settings = service.context.settings.model_copy(update={"roles": frozenset(roles), "webhook_networks": LOOPBACK})
    definition: ServiceDefinition = replace(service.process.status.definition, has_webhooks=has_webhooks)
    process = ServiceProcess(definition, replace(service.context, settings=settings))
    process.status.broker = service.broker
    return process


async def add_tables(service: Service) -> None:
    async with service.context.store.engine.begin() as connection:
        for model in (FeedModel, DeliveryModel):
            await connection.run_sync(model.metadata.create_all)


async def test_the_watchdog_sees_a_sender_that_hangs(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a process that sends nothing any more, and that nobody ends; it has no broker that would be watched."""
    never = asyncio.Event()

    async def hang(_loop: AttemptLoop[DeliveryRow]) -> bool:
        return await never.wait()

    await add_tables(service)
    process = process_of(service, "sender")
    running = asyncio.create_task(process.run())
    await wait_until(lambda: process.progress().get("sender", 0) > 2)
    assert set(process.progress()) == {"sender"}
    watchdog = Watchdog(WallClock(), 0.5, process.progress)
    monkeypatch.setattr(AttemptLoop, "_start_some", hang)
    await wait_until(lambda: watchdog.look() == "sender")
    never.set()
    process.stop()
    await running
    assert process.progress() == {}


@pytest.mark.parametrize(
    ("roles", "has_webhooks", "sends"),
    [(("sender",), True, True), (("sender",), False, False), (("http",), True, False)],
)
async def test_a_process_sends_when_it_has_the_role_and_the_service_has_webhooks(
    service: Service, roles: tuple[Role, ...], has_webhooks: bool, sends: bool
) -> None:
    await add_tables(service)
    service.broker.stop_answering()
    market = Market(service.context.store, seal=Seal(read_pepper(service.context.settings)))
    process = process_of(service, *roles, has_webhooks=has_webhooks)
    async with receiving() as receiver:
        await market.webhook(receiver)
        running = asyncio.create_task(process.run())
        await market.happens("a")
        if sends:
            await wait_until(lambda: len(receiver.received) == 1)
        else:
            await asyncio.sleep(1.5)
        process.stop()
        await running
        assert len(receiver.received) == int(sends)
    counted = service.context.metrics.registry.get_sample_value("makersync_webhook_attempts_total", {"outcome": "delivered"})
    assert counted == (1.0 if sends else None)
