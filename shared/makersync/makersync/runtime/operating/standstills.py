"""What stands still although nothing says so: feeds without numbers, messages and mail that nobody sends, and drafts
that nobody answers."""

from collections.abc import Iterator

from makersync.mail.server_state import NOT_SET_UP
from makersync.pages.words import count
from makersync.runtime.longest_waits import LongestWaits
from makersync.runtime.operating.lateness import LATE_S, is_late
from makersync.runtime.operating.measuring import UNSENT_S
from makersync.runtime.operating.reading import NowReading
from makersync.runtime.trouble import Trouble

_NO_SENDER = (
    "Check whether a process with the role sender runs (MAKERSYNC_ROLES), and read its log. Start one, and what waits is sent."
)


def standstills(now: NowReading, name: str) -> Iterator[Trouble]:
    """`name` is the service's, for the commands."""
    waits = now.waits or LongestWaits()
    yield from _feeds(now, name)
    yield from _webhooks(now, waits)
    yield from _mail(now, waits)
    yield from _member_mail(now, waits, name)
    yield from _drafts(now, waits)


def _feeds(now: NowReading, name: str) -> Iterator[Trouble]:
    """Entries usually have their numbers within a second, and the moment moves on every ten seconds at the latest."""
    oldest, complete_to = now.waiting.oldest_entry, now.freshness.complete_to if now.freshness else None
    if is_late(now, oldest, LATE_S):
        many = count(now.waiting.entries or 1, "entry waits", "entries wait")
        yield Trouble(
            f"The feeds stand still: {many} for a number. Nobody is told of news, by feed, webhook or mail.",
            oldest,
            f"The process that publishes events gives them: check whether one with the role publisher runs, and what makersync "
            f"{name} healthcheck says in it. Start it again.",
        )
    elif is_late(now, complete_to, UNSENT_S):
        yield Trouble(
            "The feeds say of nothing since then that it is complete, so that readers who wait for that go on waiting.",
            complete_to,
            "It goes on once the consumers have caught up, no record is set aside, and a process with the role publisher "
            "reaches the broker: look at what else is shown here.",
            is_grave=False,
        )


def _webhooks(now: NowReading, waits: LongestWaits) -> Iterator[Trouble]:
    since = waits.webhooks_since
    if is_late(now, since, UNSENT_S):
        yield Trouble("Webhooks stand still: nobody sends the messages that are due to organisations.", since, _NO_SENDER)


def _mail(now: NowReading, waits: LongestWaits) -> Iterator[Trouble]:
    """What a mail server refuses is told elsewhere."""
    mail, since = now.waiting.mail, waits.mail_since
    if mail is None:
        return
    if mail.problem == NOT_SET_UP and mail.waiting:
        yield Trouble(
            "Mail is not set up where it is sent, and mails to people who have asked for them wait.", mail.since, _SET_UP
        )
    elif mail.problem is None and is_late(now, since, UNSENT_S):
        yield Trouble("Mail stands still: nobody sends the mails that are due.", since, _NO_SENDER)


_SET_UP = (
    "Set MAKERSYNC_PUBLIC_ADDRESS, MAKERSYNC_MAIL_FROM and MAKERSYNC_SMTP_HOST for a process with the role sender, and start "
    "it again. The line mail_off in its log names what is missing."
)


def _member_mail(now: NowReading, waits: LongestWaits, name: str) -> Iterator[Trouble]:
    if waits.member_mail:
        mail = now.waiting.mail
        mends = _NO_SENDER if mail is None or mail.problem != NOT_SET_UP else _SET_UP
        what = count(waits.member_mail, "letter to a member waits", "letters to members wait")
        yield Trouble(
            f"{what} to be sent: links to set a new password, to join, or to confirm an address.",
            waits.oldest_member_mail,
            f"{mends} Where there is to be no mail, invite again, after removing whoever has lost the password; operators "
            f"with: makersync {name} operators invite ADDRESS",
        )


def _drafts(now: NowReading, waits: LongestWaits) -> Iterator[Trouble]:
    late = [each for each in waits.drafts if is_late(now, each.since, now.draft_wait_s)]
    if late:
        where = _regions([each.region for each in late])
        yield Trouble(
            f"Drafts of openings wait for their counts for longer than employers wait, in {where}. "
            "Employers are told that there is no answer.",
            min(each.since for each in late),
            "Look at the consumers of drafts and of reach, here and in the openings and the matching service, and at "
            "partitions that are halted or that nobody holds.",
        )


def _regions(regions: list[str]) -> str:
    shown = ", ".join(regions[:5])
    return f"region {shown}" if len(regions) == 1 else f"regions {shown}" + (" and others" if len(regions) > 5 else "")
