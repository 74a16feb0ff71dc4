"""One attempt at the mail server: what each of its faults is called, and that TLS and the login are as demanded."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest
import trustme

from makersync.mail.composing import Letterhead, MailContent, message_of
from makersync.mail.message_parts import Paragraph
from makersync.mail.setup import MailSetup
from makersync.mail.smtp import MailServer

from .post_office import PostOffice, post_office

TO = "person@people.test"
SENDER = Address("Makersync", addr_spec="makersync@makersync.test")
MESSAGE = message_of(
    Letterhead(SENDER, TO, "https://openings.test", "token", "Acme"),
    MailContent("mml_1", datetime(2026, 11, 22, 9, 30, tzinfo=UTC), "Hello", [Paragraph("Hello")]),
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    return certified(authority, "localhost")


async def attempt(
    office: PostOffice, tls: str = "none", trusted: ssl.SSLContext | None = None, longest_s: float = 5.0, **more: Any
) -> tuple[str, int | None]:
    setup = MailSetup("https://openings.test", SENDER, "localhost", office.port, tls, **more)  # type: ignore[arg-type]
    message: EmailMessage = MESSAGE
    reply = await MailServer(setup, trusted, longest_s).send(message, TO)
    return reply.outcome, reply.status


@pytest.fixture
async def plain() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("rcpt", "550 5.1.1 No such mailbox", ("address_refused", 550)),
        ("rcpt", "554 5.7.1 Relay access denied", ("policy_refused", 554)),
        ("rcpt", "550 No such user", ("address_refused", 550)),
        ("rcpt", "550 relay not permitted", ("policy_refused", 550)),
        ("rcpt", "553 sorry, that domain isn't in my list of allowed rcpthosts", ("policy_refused", 553)),
        ("rcpt", "530 5.5.1 Authentication required", ("policy_refused", 530)),
        ("rcpt", "550 5.2.2 Mailbox full", ("policy_refused", 550)),
        ("rcpt", "550 5.2.1 The account is inactive", ("address_refused", 550)),
        ("rcpt", "550 5.1.10 Null MX", ("address_refused", 550)),
        ("rcpt", "550 5.1.8 Sender address rejected: Domain not found", ("sender_refused", 550)),
        ("rcpt", "550 Sender address rejected", ("sender_refused", 550)),
        ("rcpt", "450 4.1.8 Sender address rejected: Domain not found", ("deferred", 450)),
        ("rcpt", "450 4.2.0 Greylisted", ("deferred", 450)),
        ("data", "550 5.7.26 Not signed", ("policy_refused", 550)),
        ("data", "554 5.6.0 No", ("message_refused", 554)),
        ("data", "452 4.3.1 Full", ("deferred", 452)),
        ("mail", "550 5.1.8 Not you", ("sender_refused", 550)),
        ("mail", "451 4.3.0 Later", ("server_refused", 451)),
        ("mail", None, ("timeout", None)),
        ("rcpt", None, ("deferred", None)),
        ("data", None, ("doubtful", None)),
    ],
)
async def test_each_refusal_and_silence_has_its_name(
    plain: PostOffice, step: str, answer: str | None, outcome: tuple[str, int | None]
) -> None:
    setattr(plain, step, answer)
    assert await attempt(plain, longest_s=0.5 if answer is None else 5.0) == outcome


async def test_a_message_that_is_taken_is_sent(plain: PostOffice) -> None:
    assert await attempt(plain) == ("sent", 250)
    assert [to for to, _ in plain.taken] == [TO]


async def test_a_server_that_is_away_or_no_mail_server_has_its_name(plain: PostOffice) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def closing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def unwilling(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 No mail here\r\n")
        await writer.drain()
        writer.close()

    for talk, expected in ((silent, "timeout"), (closing, "no_connection"), (unwilling, "server_refused")):
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            plain.port = server.sockets[0].getsockname()[1]
            assert (await attempt(plain, longest_s=0.5 if talk is silent else 5.0))[0] == expected
            server.close()
    assert (await attempt(plain))[0] == "no_connection"


async def test_starttls_is_demanded(plain: PostOffice, tls: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    assert await attempt(plain, "starttls", trusted) == ("tls_failed", None)
    async with post_office(tls=tls) as office:
        assert await attempt(office, "starttls", trusted) == ("sent", 250)
        assert (await attempt(office, "none"))[0] == "sender_refused"
        assert len(office.taken) == 1


async def test_tls_from_the_start(plain: PostOffice, tls: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async with post_office(implicit=tls) as office:
        assert await attempt(office, "implicit", trusted) == ("sent", 250)
    assert (await attempt(plain, "implicit", trusted))[0] == "tls_failed"


async def test_a_certificate_must_be_valid_for_the_name(
    authority: trustme.CA, trusted: ssl.SSLContext, tls: ssl.SSLContext
) -> None:
    async with post_office(tls=certified(authority, "other.test")) as office:
        assert await attempt(office, "starttls", trusted) == ("tls_failed", None)
    async with post_office(implicit=certified(authority, "other.test")) as office:
        assert await attempt(office, "implicit", trusted) == ("tls_failed", None)
    async with post_office(tls=tls) as office:
        assert await attempt(office, "starttls", ssl.create_default_context()) == ("tls_failed", None)


async def test_the_login_is_refused_or_not(tls: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async with post_office(tls=tls, login=("makersync", "right")) as office:
        assert await attempt(office, "starttls", trusted, user="makersync", password="wrong") == ("login_refused", 535)
        assert (await attempt(office, "starttls", trusted))[0] == "sender_refused"
        assert await attempt(office, "starttls", trusted, user="makersync", password="right") == ("sent", 250)


async def test_a_server_without_login_refuses_one(plain: PostOffice) -> None:
    assert (await attempt(plain, user="makersync", password="right"))[0] == "login_refused"
