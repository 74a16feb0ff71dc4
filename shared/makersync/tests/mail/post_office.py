"""A mail server on loopback that does as a test wants: aiosmtpd with a will."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = str | None
OK = "250 OK"


@dataclass
class PostOffice:
    """What it answers to each step, and what it has taken. None: it never answers."""

    port: int = 0
    mail: Answer = OK
    rcpt: Answer = OK
    data: Answer = OK
    refused: frozenset[str] = frozenset()
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any) -> str:
        if self.mail == OK:
            envelope.mail_from = address
        return await _answered(self.mail)

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any) -> str:
        self.tried.append(address)
        if address in self.refused:
            return "550 5.1.1 No such mailbox"
        if self.rcpt == OK:
            envelope.rcpt_tos.append(address)
        return await _answered(self.rcpt)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, _class=EmailMessage, policy=SMTP_POLICY)
        if self.data is None or self.data.startswith("250"):
            self.taken.append((envelope.rcpt_tos[0], message))
        return await _answered(self.data)

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in self.taken]


async def _answered(answer: Answer) -> str:
    if answer is None:
        await asyncio.Event().wait()
    return answer or OK


@asynccontextmanager
async def post_office(
    tls: ssl.SSLContext | None = None, implicit: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> AsyncIterator[PostOffice]:
    """With `tls` it demands STARTTLS, with `implicit` TLS from the start, and with `login` this user name and password."""
    office = PostOffice()

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login.decode(), given.password.decode()) == login, handled=False)

    def protocol() -> SMTP:
        return SMTP(
            office,
            hostname="post.test",
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=login is not None,
            auth_require_tls=tls is not None,
            authenticator=authenticate if login else None,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
