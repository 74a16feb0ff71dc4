"""The sender of mail, made of the parts that every service has."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from makersync.errors import RetryLater
from makersync.http.pepper import read_pepper
from makersync.mail.forgetting import forgetting_mail
from makersync.mail.offer import MailOffer
from makersync.mail.sender import MailParts, MailSender
from makersync.mail.server_state import NOT_SET_UP, keep_problem, keep_set_up
from makersync.mail.setup import MailSetup, mail_setup, public_address_of
from makersync.mail.smtp import MailServer
from makersync.mail.tokens import MailTokens
from makersync.members.mail_sender import MemberMailSender
from makersync.members.offer import OPERATORS_ALONE
from makersync.runtime.service import Context
from makersync.runtime.status import ProcessStatus
from makersync.waiting import pause

log = structlog.get_logger(__name__)
_RETRY_S = 5.0


async def send_mail(status: ProcessStatus, offer: MailOffer, stop: asyncio.Event) -> None:
    """Send the mail of a service until `stop` is set; where mail is off, say why and end."""
    context = status.context
    setup = mail_setup(context.settings)
    if isinstance(setup, MailSetup):
        await _tell_operators(context, None, stop)
        status.mail_sender = mail_sender(context, offer, setup)
        messages = _member_mail(status, setup)
        async with asyncio.TaskGroup() as group:
            group.create_task(status.mail_sender.run(stop))
            group.create_task(messages.run(stop))
        return
    log.info("mail_off", reasons=list(setup))
    if public_address_of(context.settings) is not None:
        context.metrics.mail_server_away.set(True)
    # Front doors, which may know a public address, offer no message then.
    await _tell_operators(context, NOT_SET_UP, stop)


def _member_mail(status: ProcessStatus, setup: MailSetup) -> MemberMailSender:
    """Raises OperatorError without a pepper."""
    context, site = status.context, status.definition.site
    metrics = context.metrics
    return MemberMailSender(
        context.store,
        context.clock,
        read_pepper(context.settings),
        setup,
        MailServer(setup),
        count=lambda outcome: metrics.mail_attempts.labels(outcome).inc(),
        tell_away=lambda is_away: metrics.mail_server_away.set(is_away),
        members=OPERATORS_ALONE if site is None else site.members,
    )


def mail_sender(context: Context, offer: MailOffer, setup: MailSetup) -> MailSender:
    """Raises OperatorError without a pepper."""
    settings, metrics = context.settings, context.metrics

    def count(outcome: str) -> None:
        metrics.mail_attempts.labels(outcome).inc()

    return MailSender(
        MailParts(
            store=context.store,
            clock=context.clock,
            zone=settings.zone,
            setup=setup,
            server=MailServer(setup),
            tokens=MailTokens(read_pepper(settings)),
            offer=offer,
            owner=f"{settings.instance}-{uuid4().hex[:8]}",
            count=count,
            tell_away=lambda is_away: metrics.mail_server_away.set(is_away),
        )
    )


def forgetting_mail_of(context: Context) -> Callable[[], Awaitable[int]]:
    return forgetting_mail(context.store, context.clock, context.settings.keep_feed_days)


async def _tell_operators(context: Context, problem: str | None, stop: asyncio.Event) -> None:
    """Keep that the mail server is not set up, or that it is again."""
    while not stop.is_set():
        try:
            async with context.store.transaction() as session:
                if problem is not None:
                    await keep_problem(session, problem, context.clock.now())
                else:
                    await keep_set_up(session, context.clock.now())
            return
        except RetryLater:
            await pause(stop, _RETRY_S)
