"""The openings service with mail set up, and a mail server within reach."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from email.message import EmailMessage

import httpx
import pytest
from fastapi import FastAPI

from makersync.effects.lease import acquire
from makersync.feed.numbering import Numbering
from makersync.http.pepper import read_pepper
from makersync.http.wiring import Wiring
from makersync.mail.sender import MailSender
from makersync.mail.setup import MailSetup, mail_setup
from makersync.runtime.mail import mail_sender
from makersync.runtime.service import Context
from openings.entrypoints.mail_offer import MAIL
from shared.makersync.tests.mail.conftest import send_all
from shared.makersync.tests.mail.post_office import PostOffice, post_office

SITE = "https://openings.test"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.fixture
async def context(context: Context, office: PostOffice) -> Context:
    mail = {
        "public_address": SITE + "/",
        "mail_from": "Makersync <makersync@makersync.test>",
        "smtp_host": "127.0.0.1",
        "smtp_port": office.port,
        "smtp_tls": "none",
    }
    return replace(context, settings=context.settings.model_copy(update=mail))


@pytest.fixture
def wiring(context: Context) -> Wiring:
    return Wiring(context.settings, context.store, context.clock, context.metrics, read_pepper(context.settings))


@dataclass
class Post:
    """The mail of the service: what is due is sent, and people open the links in it."""

    context: Context
    office: PostOffice
    http: httpx.AsyncClient

    def sender(self) -> MailSender:
        setup = mail_setup(self.context.settings)
        assert isinstance(setup, MailSetup)
        return mail_sender(self.context, MAIL, setup)

    async def goes_out(self) -> list[EmailMessage]:
        """What is due is numbered and sent. Returns the messages."""
        async with self.context.store.transaction() as session:
            lease = await acquire(session, self.context.clock, "openings.relay", "test", 60.0)
        assert lease is not None
        while await Numbering(self.context.store, self.context.clock, lease, 60.0).number():
            pass
        before = len(self.office.taken)
        await send_all(self.sender())
        return [message for _, message in self.office.taken[before:]]

    async def confirms(self, message: EmailMessage) -> None:
        assert (await self.http.post(link(message, "confirm"))).status_code == 200


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link(message: EmailMessage, kind: str) -> str:
    """The path of the message's link to confirm or to unsubscribe."""
    [line] = [line for line in text_of(message).splitlines() if line.startswith(f"{SITE}/mail/{kind}/")]
    return line.removeprefix(SITE)


@pytest.fixture
async def post(app: FastAPI, context: Context, office: PostOffice) -> AsyncIterator[Post]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as http:
        yield Post(context, office, http)
