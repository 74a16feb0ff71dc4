"""The operators' page tells that no sender runs, that feeds get no numbers, and that members wait for messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from makersync.clock import ManualClock
from makersync.delivery.health import WebhookState
from makersync.delivery.tables import WebhookRow
from makersync.delivery.waiting_since import waits_for_sender_since
from makersync.feed.tables import FeedEntryRow, FeedHeadRow, FeedProgressRow
from makersync.http.wiring import Wiring
from makersync.mail import waiting_since as mail
from makersync.mail.addresses import address_key
from makersync.mail.states import MessageKind, MessageState, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.members.offer import OPERATORS
from makersync.members.recovery_requests import request_recovery
from makersync.runtime.operating.measuring import measuring
from services.openings.tests.conftest import NOW
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")
#: Whatever the clock of the database says.
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def webhook(**changed: Any) -> WebhookRow:
    row = {"id": "whk_1", "organisation_id": "emp_acme", "url": "https://acme.example", "description": "", "types": []}
    return WebhookRow(
        **row | {"signing": "hmac", "state": WebhookState.ACTIVE, "since": NOW, "cursor": 0, "created_at": NOW} | changed
    )


def entry(position: int | None) -> FeedEntryRow:
    return FeedEntryRow(
        organisation_id="emp_acme", position=position, type="t", subject="s", occurred_at=LONG_AGO, recorded_at=LONG_AGO
    )


def recipient(**changed: Any) -> RecipientRow:
    row = {"id": "rcp_1", "organisation_id": "emp_acme", "address": "a@b.example", "address_key": "k", "description": ""}
    row |= {"cadences": {}, "hour": 8, "weekday": "monday", "state": RecipientState.ACTIVE, "since": NOW, "created_at": NOW}
    return RecipientRow(**row | {"unsubscribe_sealed": b"", "unsubscribe_digest": "", "has_immediate": True} | changed)


def message(**changed: Any) -> MailMessageRow:
    row = {"id": "msg_1", "recipient_id": "rcp_1", "kind": MessageKind.IMMEDIATE, "state": MessageState.PENDING, "cadences": {}}
    return MailMessageRow(**row | {"created_at": LONG_AGO, "next_at": LONG_AGO} | changed)


async def keep(wiring: Wiring, *rows: Any) -> None:
    async with wiring.store.transaction() as session:
        session.add_all(rows)


async def shown(app: FastAPI, operator: Browser) -> str:
    """As the process measures by itself."""
    await measuring(app.state.process.status)()
    return (await operator.open("/operations")).text


@pytest.fixture
async def operator_browser(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, role="operator", whose=OPERATORS)


@pytest.mark.parametrize(
    ("row", "is_waiting"),
    [
        (webhook(look_at=LONG_AGO), True),
        (webhook(), True),
        (webhook(cursor=1), False),
        (webhook(cursor=1, look_at=LATER), False),
        (webhook(look_at=LONG_AGO, state=WebhookState.DISABLED), False),
    ],
)
async def test_webhooks_wait_for_a_sender_once_one_should_have_looked(
    wiring: Wiring, row: WebhookRow, is_waiting: bool
) -> None:
    """A message is due, or news is in the feed; what was looked at, and what is disabled, waits for nobody."""
    await keep(wiring, WebhookRow(**row.model_dump()), FeedHeadRow(organisation_id="emp_acme", position=1), entry(1))
    async with wiring.store.reading() as session:
        assert await waits_for_sender_since(session, wiring.clock) == (LONG_AGO if is_waiting else None)


@pytest.mark.parametrize(
    ("row", "messages", "is_waiting"),
    [
        (recipient(), [], True),
        (recipient(immediate_cursor=1), [], False),
        (recipient(immediate_cursor=1), [message()], True),
        (recipient(immediate_cursor=1), [message(state=MessageState.SENT)], False),
        (recipient(immediate_cursor=1), [message(until=LATER)], False),
        (recipient(immediate_at=LATER), [], False),
    ],
)
async def test_mail_waits_for_a_sender_once_one_should_have_taken_it(
    wiring: Wiring, row: RecipientRow, messages: list[MailMessageRow], is_waiting: bool
) -> None:
    """What is under way, was sent, or rests, waits for nobody."""
    rows = [RecipientRow(**row.model_dump()), *(MailMessageRow(**each.model_dump()) for each in messages)]
    await keep(wiring, *rows, FeedHeadRow(organisation_id="emp_acme", position=1), entry(1))
    async with wiring.store.reading() as session:
        assert await mail.waits_for_sender_since(session, wiring.clock) == (LONG_AGO if is_waiting else None)


async def test_the_page_tells_of_everything_that_nobody_sends(app: FastAPI, wiring: Wiring, operator_browser: Browser) -> None:
    """Guards: no process has the role sender, and the page is green."""
    progress = FeedProgressRow(id=1, complete_to=NOW)
    await keep(wiring, webhook(), recipient(), FeedHeadRow(organisation_id="emp_acme", position=1), entry(1), progress)
    page = await shown(app, operator_browser)
    assert "Webhooks stand still" in page and "Mail stands still" in page and "MAKERSYNC_ROLES" in page


async def test_the_page_tells_of_entries_without_numbers(app: FastAPI, wiring: Wiring, operator_browser: Browser) -> None:
    await keep(wiring, entry(None))
    assert "The feeds stand still: 1 entry waits" in await shown(app, operator_browser)


async def test_the_page_tells_of_members_who_wait_for_a_message_and_of_nobody_else(
    app: FastAPI, wiring: Wiring, operator_browser: Browser, other_browser: Browser, clock: ManualClock
) -> None:
    """Guards: mail is not set up, and members cannot sign in; and that strangers make no trouble by typing any address."""
    await joined(wiring, other_browser, address="al@acme.example")
    for address in ("al@acme.example", "nobody@elsewhere.example"):
        async with wiring.store.transaction() as session:
            await request_recovery(session, wiring.clock, address_key(address))
    assert "to set a new password" not in await shown(app, operator_browser)
    clock.move_to(NOW + timedelta(seconds=121))
    assert "1 letter to a member waits to be sent" in await shown(app, operator_browser)
