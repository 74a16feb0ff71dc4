"""When the mail server is away or refuses: nothing is lost, what is doubtful keeps its id, and a dead address is left alone."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from makersync.clock import ManualClock
from makersync.feed.entries import FeedWriter
from makersync.mail.composing import message_of
from makersync.mail.tables import MailServerRow, RecipientRow

from .conftest import ACME, Desk, send_all
from .post_office import OK, PostOffice


async def test_while_the_server_is_away_messages_wait_and_only_one_asks(desk: Desk, office: PostOffice) -> None:
    """Guards: what was under way when the server went away is one fault and not four, so that the first rest is short; and
    while one message asks again, which may take long, no other does."""
    for _ in range(6):
        await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    counted: list[str] = []
    told: list[bool] = []
    clock = ManualClock(datetime.now(UTC))
    sender = desk.sender(clock=clock, count=counted.append, tell_away=told.append)
    office.mail = "451 4.3.0 Later"
    await asyncio.gather(*(sender.send(message) for message in await sender.claim_some(4)))
    assert (counted, told[-1]) == (["server_refused"] * 4, True)
    assert 5 <= sender._rests_until - clock.monotonic() <= 6
    assert await sender.claim_some(4) == []
    async with desk.store.reading() as session:
        assert [row.problem for row in await session.exec(select(MailServerRow))] == ["server_refused"]

    async def rests() -> None:
        clock.move_to(clock.now() + timedelta(minutes=10))
        await desk.age(minutes=10)

    await rests()
    [probe] = await sender.claim_some(4)
    assert await sender.claim_some(4) == []
    await sender.send(probe)
    assert 10 <= sender._rests_until - clock.monotonic() <= 12
    office.mail = OK
    await rests()
    [probe] = await sender.claim_some(4)
    await sender.send(probe)
    assert (len(counted), counted[-1], told[-1]) == (6, "sent", False)
    await asyncio.gather(*(sender.send(message) for message in await sender.claim_some(10)))
    assert {row.attempts for row in await desk.messages()} == {1}
    assert len(office.taken) == 6
    async with desk.store.reading() as session:
        assert [row.problem for row in await session.exec(select(MailServerRow))] == [None]


async def test_a_message_that_cannot_be_read_leaves_the_question_to_another(desk: Desk, office: PostOffice) -> None:
    """Guards: the one that asks whether the server is back may have nobody to go to any more."""
    for _ in range(2):
        await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    sender = desk.sender()
    office.mail = "451 4.3.0 Later"
    await asyncio.gather(*(sender.send(message) for message in await sender.claim_some(4)))
    sender._rests_until = 0.0
    await desk.age(minutes=10)
    [probe] = await sender.claim_some(4)
    async with desk.store.transaction() as session:
        (await session.get_one(RecipientRow, probe.recipient_id)).state = "unsubscribed"
    await sender.send(probe)
    assert len(await sender.claim_some(4)) == 1


async def test_a_temporary_refusal_is_tried_again_by_schedule_with_the_same_id(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    office.rcpt = "450 4.2.0 Greylisted"
    sender = desk.sender()
    assert await send_all(sender) == 1 and await send_all(sender) == 0
    [row] = await desk.messages()
    assert (row.state, row.attempts, row.outcome) == ("pending", 1, "deferred")
    assert (await desk.state()).last_error == "deferred"
    office.rcpt = OK
    await desk.age(seconds=10)
    assert await send_all(sender) == 1
    assert [message["Message-ID"] for _, message in office.taken] == [f"<{row.id}@makersync.test>"]


async def test_a_message_is_given_up_at_the_end_of_its_schedule_and_the_next_is_sent(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    office.data = "451 4.3.0 Later"
    sender = desk.sender()
    for _ in range(12):
        await send_all(sender)
        await desk.age(days=2)
    [row] = await desk.messages()
    assert (row.state, row.attempts) == ("failed", 10)
    office.data = OK
    await desk.proposes("opn_a/lrn_2")
    await send_all(sender)
    assert office.subjects == ["1 new candidate for A"]


async def test_three_refused_messages_in_a_row_disable_the_recipient(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    office.refused = frozenset({"person1@people.test"})
    sender = desk.sender()
    for number in range(3):
        assert (await desk.state()).state == "active"
        await desk.proposes(f"opn_a/lrn_{number}")
        await desk.age(minutes=6)
        assert await send_all(sender) == 1
    row = await desk.state()
    assert (row.state, row.reason, row.last_error) == ("disabled", "refused", "address_refused")
    [notice] = await desk.notices()
    assert notice.data == {"recipient_id": "mrc_1", "reason": "refused"}
    await desk.proposes("opn_a/lrn_9")
    await desk.age(minutes=6)
    assert await send_all(sender) == 0


async def test_a_success_between_refusals_counts(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    sender = desk.sender()
    for number in range(5):
        office.refused = frozenset() if number == 2 else frozenset({"person1@people.test"})
        await desk.proposes(f"opn_a/lrn_{number}")
        await desk.age(minutes=6)
        await send_all(sender)
    assert (await desk.state()).state == "active"


async def test_what_was_sent_but_not_recorded_is_sent_again_with_the_same_id(desk: Desk, office: PostOffice) -> None:
    """A sender that dies between the answer of the mail server and its commit."""
    await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    dying = desk.sender("dying")
    [message] = await dying.claim_some(1)
    read = await dying._read(message)
    assert read is not None
    await dying._parts.server.send(message_of(*read), read[0].to)
    heir = desk.sender("heir")
    assert await send_all(heir) == 0
    await desk.age(minutes=4)
    assert await send_all(heir) == 1
    first, second = (message["Message-ID"] for _, message in office.taken)
    assert first == second
    await dying.send(message)
    [row] = await desk.messages()
    assert (row.state, row.attempts) == ("sent", 1)


async def test_a_learner_who_is_forgotten_before_the_mail_is_sent_is_not_in_it(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.proposes("opn_a/lrn_1", "opn_a/lrn_2")
    sender = desk.sender()
    [message] = await sender.claim_some(1)
    async with desk.store.transaction() as session:
        await FeedWriter(session, desk.clock).forget([(ACME, "opn_a/lrn_1")])
    await sender.send(message)
    [(_, sent)] = office.taken
    assert "lrn_1" not in sent.as_string() and "lrn_2" in sent.as_string()
