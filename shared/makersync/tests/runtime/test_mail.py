"""A process with the role `sender` sends mail where it is set up, and says why not where it is not."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from makersync.delivery.tables import DeliveryModel
from makersync.feed.tables import FeedModel
from makersync.http.pepper import read_pepper
from makersync.mail.tables import MailModel, MailServerRow
from makersync.mail.tokens import MailTokens
from makersync.runtime.process import ServiceProcess
from makersync.settings import Role
from shared.makersync.tests.mail.conftest import OFFER, Desk
from shared.makersync.tests.mail.post_office import post_office
from tests.servers.waiting import wait_until

from .toy_process import Service

MAIL: dict[str, Any] = {
    "public_address": "https://toy.test",
    "mail_from": "Makersync <makersync@makersync.test>",
    "smtp_host": "127.0.0.1",
    "smtp_tls": "none",
}


async def process_of(service: Service, *roles: Role, **settings: Any) -> ServiceProcess:
    async with service.context.store.engine.begin() as connection:
        for model in (FeedModel, DeliveryModel, MailModel):
            await connection.run_sync(model.metadata.create_all)
    changed = service.context.settings.model_copy(update={"roles": frozenset(roles), **settings})
    definition = replace(service.process.status.definition, has_webhooks=True, mail=OFFER)
    process = ServiceProcess(definition, replace(service.context, settings=changed))
    process.status.broker = service.broker
    return process


@pytest.mark.parametrize(("role", "sends"), [("sender", True), ("http", False)])
async def test_a_process_sends_mail_when_it_has_the_role(service: Service, role: Role, sends: bool) -> None:
    service.broker.stop_answering()
    async with post_office() as office:
        process = await process_of(service, role, **MAIL, smtp_port=office.port)
        desk = Desk(service.context.store, office, tokens=MailTokens(read_pepper(service.context.settings)))
        await desk.recipient()
        await desk.proposes("opn_a/lrn_1")
        running = asyncio.create_task(process.run())
        if sends:
            await wait_until(lambda: len(office.taken) == 1)
        else:
            await asyncio.sleep(1.5)
        process.stop()
        await running
        assert len(office.taken) == int(sends)
    counted = service.context.metrics.registry.get_sample_value("makersync_mail_attempts_total", {"outcome": "sent"})
    assert counted == (1.0 if sends else None)


@pytest.mark.parametrize("public_address", ["https://toy.test", ""])
async def test_a_sender_without_a_mail_server_says_so_and_goes_on(service: Service, public_address: str) -> None:
    service.broker.stop_answering()
    process = await process_of(service, "sender", public_address=public_address)
    running = asyncio.create_task(process.run())

    async def problems() -> list[str | None]:
        async with service.context.store.reading() as session:
            return [row.problem for row in await session.exec(select(MailServerRow))]

    async with asyncio.timeout(20):
        while await problems() != ["not_set_up"]:
            await asyncio.sleep(0.01)
    assert not running.done()
    process.stop()
    await running
