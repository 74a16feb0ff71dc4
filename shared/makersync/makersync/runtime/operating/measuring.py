"""Measures what waits for somebody who may not run, all the time, in each process that shows pages of operators."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from makersync.delivery import waiting_since as webhooks
from makersync.mail import waiting_since as mail
from makersync.members.mail_sender import member_mail_waiting
from makersync.runtime.longest_waits import LongestWaits
from makersync.runtime.status import ProcessStatus

#: So often it is measured, seconds.
EVERY_S = 15.0
#: A working sender takes what is due within seconds.
UNSENT_S = 120.0


def measuring(status: ProcessStatus) -> Callable[[], Awaitable[None]]:
    """The step that replaces what the process knows of waits."""
    definition, clock = status.definition, status.context.clock
    sends_mail = definition.site is not None and definition.site.members.sends_mail
    longest = timedelta(seconds=UNSENT_S)

    async def measure() -> None:
        async with status.context.store.snapshot() as session:
            unsent_mail, oldest = await member_mail_waiting(session, clock.now(), longest) if sends_mail else (0, None)
            status.waits = LongestWaits(
                webhooks_since=await webhooks.waits_for_sender_since(session, clock) if definition.has_webhooks else None,
                mail_since=await mail.waits_for_sender_since(session, clock) if definition.mail is not None else None,
                member_mail=unsent_mail,
                oldest_member_mail=oldest,
                drafts=() if definition.drafts is None else await definition.drafts(session),
            )

    return measure
