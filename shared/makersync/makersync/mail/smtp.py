"""Sends one message through the mail server of the deployment."""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib

from makersync.mail.setup import MailSetup
from makersync.mail.states import OF_SERVER, SENT

#: An attempt may take so long in all, seconds, and one answer of the server.
LONGEST_S, ANSWER_S = 60.0, 20.0
#: The end of a connection is waited for so long, seconds.
_LEAVE_S = 2.0
_TEMPORARY = range(400, 500)
#: Enhanced status codes (RFC 3463), and among them those about the recipient's address or mailbox (3.2, 3.3), about the
#: sender's address, which servers also judge when the recipient is named, and about security or policy (3.8).
_ENHANCED, _OF_ADDRESS, _OF_SENDER, _BY_POLICY = (
    re.compile(form) for form in (r"5\.\d+\.\d+", r"5\.(1\.(?![78]\b)\d+|2\.1\b)", r"5\.1\.[78]\b|sender address", r"5\.7\.\d")
)
#: What mail servers without such codes say of a recipient. They say it also of relaying, which says nothing of the address.
_NO_SUCH_RECIPIENT, _RELAYING = frozenset({550, 551, 553}), re.compile(r"relay|rcpthosts", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """What an attempt has come to, by the name of the outcome, with the status of the mail server if it answered."""

    outcome: str
    status: int | None = None

    @property
    def is_of_server(self) -> bool:
        """It says nothing about the message or its recipient."""
        return self.outcome in OF_SERVER


class _Progress:
    """What breaks while the message is being handed over leaves open whether it was taken."""

    broken, late = "no_connection", "timeout"

    def asks_for_recipient(self) -> None:
        """One recipient whose server makes the mail server wait must not stop the mail of all others."""
        self.broken = self.late = "deferred"

    def hands_over(self) -> None:
        self.broken = self.late = "doubtful"


class MailServer:
    """Every message has a connection of its own, which ends with it."""

    def __init__(self, setup: MailSetup, trusted: ssl.SSLContext | None = None, longest_s: float = LONGEST_S) -> None:
        self._setup, self._longest_s = setup, longest_s
        self._trusted = trusted or ssl.create_default_context()

    async def send(self, message: EmailMessage, to: str) -> SmtpReply:
        """Returns what it has come to, whatever the mail server does."""
        progress, client = _Progress(), self._client()
        try:
            async with asyncio.timeout(self._longest_s):
                reply = await self._prepare(client) or await self._hand_over(client, message, to, progress)
        except (TimeoutError, aiosmtplib.SMTPTimeoutError):
            reply = SmtpReply(progress.late)
        except (OSError, ValueError, aiosmtplib.SMTPException):
            # A name that no look-up takes is a ValueError.
            reply = SmtpReply(progress.broken)
        finally:
            await _leave(client)
        return reply

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._setup.host,
            port=self._setup.port,
            local_hostname=self._setup.own_name,
            use_tls=self._setup.tls == "implicit",
            start_tls=False,
            tls_context=None if self._setup.tls == "none" else self._trusted,
            timeout=ANSWER_S,
        )

    async def _prepare(self, client: aiosmtplib.SMTP) -> SmtpReply | None:
        """Connect, demand TLS and log in; returns what was refused."""
        try:
            await client.connect()
        except aiosmtplib.SMTPConnectResponseError as error:
            return SmtpReply("server_refused", error.code)
        except aiosmtplib.SMTPConnectError as error:
            if isinstance(error, TimeoutError):
                raise
            return SmtpReply("tls_failed" if isinstance(error.__cause__, ssl.SSLError) else "no_connection")
        try:
            if self._setup.tls == "starttls":
                await client.starttls()
        except (aiosmtplib.SMTPTimeoutError, aiosmtplib.SMTPServerDisconnected):
            raise
        except (aiosmtplib.SMTPException, ssl.SSLError):
            return SmtpReply("tls_failed")
        try:
            if self._setup.user:
                await client.login(self._setup.user, self._setup.password)
        except aiosmtplib.SMTPResponseException as error:
            return SmtpReply("server_refused" if error.code in _TEMPORARY else "login_refused", error.code)
        except (aiosmtplib.SMTPTimeoutError, aiosmtplib.SMTPServerDisconnected):
            raise
        except aiosmtplib.SMTPException:
            return SmtpReply("login_refused")
        return None

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str, progress: _Progress) -> SmtpReply:
        try:
            await client.mail(self._setup.sender.addr_spec)
        except aiosmtplib.SMTPSenderRefused as error:
            return SmtpReply("server_refused" if error.code in _TEMPORARY else "sender_refused", error.code)
        try:
            progress.asks_for_recipient()
            await client.rcpt(to)
        except aiosmtplib.SMTPRecipientRefused as error:
            return SmtpReply(_refused(error.code, _recipient_refused(error.code, error.message)), error.code)
        progress.hands_over()
        try:
            await client.data(message.as_bytes())
        except aiosmtplib.SMTPDataError as error:
            name = "policy_refused" if _BY_POLICY.match(error.message) else "message_refused"
            return SmtpReply(_refused(error.code, name), error.code)
        return SmtpReply(SENT, 250)


def _recipient_refused(code: int, text: str) -> str:
    if _OF_SENDER.match(text.lower()):
        return "sender_refused"
    return "address_refused" if _is_of_address(code, text) else "policy_refused"


def _is_of_address(code: int, text: str) -> bool:
    if _ENHANCED.match(text):
        return _OF_ADDRESS.match(text) is not None
    return code in _NO_SUCH_RECIPIENT and _RELAYING.search(text) is None


def _refused(code: int, name: str) -> str:
    return "deferred" if code in _TEMPORARY else name


async def _leave(client: aiosmtplib.SMTP) -> None:
    with suppress(OSError, aiosmtplib.SMTPException):
        if client.is_connected:
            async with asyncio.timeout(_LEAVE_S):
                await client.quit()
    client.close()
