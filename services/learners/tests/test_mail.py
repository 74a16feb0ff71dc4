"""A provider's mail: the feed of its learners and regions, told in its words and to nobody else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import update

from learners.entrypoints.mail_offer import MAIL
from makersync.clock import ManualClock
from makersync.feed.numbering import Numbering
from makersync.feed.repository import Entry
from makersync.http.wiring import Wiring
from makersync.mail.sender import MailParts, MailSender
from makersync.mail.setup import MailSetup, mail_setup
from makersync.mail.smtp import MailServer
from makersync.mail.tables import RecipientRow
from makersync.mail.tokens import MailTokens
from makersync.runtime.service import Context
from shared.makersync.tests.mail.conftest import send_all
from shared.makersync.tests.mail.post_office import post_office

from .conftest import Caller
from .events import Feed, match, signal
from .samples import accepted, register

PATH, SITE = "/v1/mail-recipients", "https://learners.test"
TYPES = {"match.proposed": "daily", "signal.raised": "daily"}


@pytest.fixture
async def context(context: Context) -> Context:
    """With mail set up."""
    mail = {"public_address": SITE, "mail_from": "makersync@makersync.test", "smtp_host": "127.0.0.1", "smtp_tls": "none"}
    return replace(context, settings=context.settings.model_copy(update=mail))


async def test_a_provider_is_told_of_its_learners_and_regions(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering, context: Context, wiring: Wiring, clock: ManualClock
) -> None:
    clock.move_to(datetime.now(UTC))
    setup, tokens = mail_setup(context.settings), MailTokens(wiring.pepper)
    assert isinstance(setup, MailSetup)
    async with post_office() as office:
        here = replace(setup, port=office.port)
        sender = MailSender(MailParts(context.store, clock, UTC, here, MailServer(here), tokens, MAIL, "test"))
        for caller, address in ((york, "york@college.test"), (lima, "lima@college.test")):
            accepted(await caller.post(PATH, {"address": address, "types": TYPES}))
        await send_all(sender)
        for _, question in office.taken:
            text = question.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            [link] = [line for line in text.splitlines() if line.startswith(f"{SITE}/mail/confirm/")]
            assert (await york.http.post(link.removeprefix(SITE))).status_code == 200
        office.taken.clear()
        ada = await register(york)
        await feed.batch(match("MatchProposed", 1, ada), signal("ShortageRaised", 1))
        while await numbering.number():
            pass
        async with context.store.transaction() as session:
            await session.exec(update(RecipientRow).values(daily_at=clock.now()))
        await send_all(sender)
        [(to, digest)] = office.taken
        assert to == "york@college.test"
        assert digest["Subject"] == "1 new or worse shortage and 1 other change"
        text = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert ada in text and "1 new match" in text and "Ada" not in text


async def test_recipients_are_for_providers(operator: Caller, york: Caller, lima: Caller) -> None:
    assert (await operator.get(PATH)).status_code == 403
    made = accepted(await york.post(PATH, {"address": "york@college.test", "types": TYPES}))
    assert (await lima.get(f"{PATH}/{made['id']}")).status_code == 404
    refused = await york.post(PATH, {"address": "a@b.test", "types": {"opening.ending": "daily"}})
    assert (refused.status_code, refused.json()["rule"]) == (422, "unknown_entry_type")


def test_every_type_of_the_feed_has_its_words() -> None:
    assert set(MAIL.wordings) == set(MAIL.types)
    for name in MAIL.types:
        mention = MAIL.mention_of(Entry(1, name, "lrn_1/opn_1", datetime.now(UTC), {}))
        assert mention.section and mention.item
