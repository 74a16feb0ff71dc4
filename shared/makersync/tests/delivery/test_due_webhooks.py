"""A look of a sender costs what there is to do, and not what there is; and nothing that there is to do is overlooked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import delete

from makersync.delivery import claiming, due_webhooks
from makersync.delivery.sender import Sender
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.feed.tables import FeedHeadRow
from makersync.store.database import Store
from makersync.store.upserts import Row, insert_rows

from .conftest import Market, send_all
from .receiver import Receiver, status

WITH_NEWS, FILLED = 5, 1000
#: How SQLite says that it reads a whole table.
READ_WHOLE = [f"SCAN {each}" for each in ("webhook", "webhook_delivery", "feed_head", "earlier", "taken", "waiting")]


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is executed meanwhile."""
    found = list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def fill(market: Market, name: str = "") -> None:
    """Of each of many organisations a webhook that has been sent what there was."""
    now, numbers = market.clock.now(), range(FILLED)
    webhook = {"url": "", "description": "", "types": [], "signing": "hmac", "version": 1, "state": "active", "since": now}
    sent = {
        "next_at": now,
        "created_at": now,
        "position": 1,
        "type": "match.proposed",
        "subject": "a",
        "state": "delivered",
        "attempts": 1,
        "claim": 1,
    }
    async with market.store.transaction() as session:
        webhooks: list[Row] = [{"id": f"whk_{name}{n}", "organisation_id": f"emp_{name}{n}", **webhook} for n in numbers]
        await insert_rows(session, WebhookRow, [{**each, "cursor": 1, "failures": 0, "created_at": now} for each in webhooks])
        heads: list[Row] = [{"organisation_id": f"emp_{name}{n}", "position": 1, "moved": 1} for n in numbers]
        await insert_rows(session, FeedHeadRow, heads)
        done: list[Row] = [{"id": f"dlv_{name}{n}", "webhook_id": f"whk_{name}{n}", **sent} for n in numbers]
        await insert_rows(session, DeliveryRow, done)


async def looked_at(market: Market, sender: Sender) -> list[str]:
    async with market.store.reading() as session:
        look = await sender._looks.look(session, market.clock.now(), 4)
    return sorted(look.webhook_ids)


async def test_webhooks_without_news_are_not_looked_at(market: Market, receiver: Receiver) -> None:
    """Guards: a look that takes longer with every organisation that has a webhook."""
    for number in range(WITH_NEWS):
        await market.webhook(receiver, f"emp_new_{number}")
    await fill(market, "quiet")
    sender = market.sender()
    assert await sender.claim_some(100) == []
    with statements(market.store) as idle:
        assert await sender.claim_some(100) == []
    assert not any("webhook_delivery" in each for each in idle)
    for number in range(WITH_NEWS):
        await market.happens("a", organisation_id=f"emp_new_{number}")
    assert await looked_at(market, sender) == sorted(f"whk_{number + 1}" for number in range(WITH_NEWS))
    assert await send_all(sender) == WITH_NEWS
    await send_all(sender)
    assert await looked_at(market, sender) == []


async def test_a_webhook_rests_until_the_first_of_its_times(market: Market, receiver: Receiver) -> None:
    receiver.replies = status(500)
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    await send_all(sender)
    assert await looked_at(market, sender) == []
    [delivery] = await market.deliveries()
    assert (await market.state()).look_at == delivery.next_at
    await market.age(seconds=6)
    assert await looked_at(market, sender) == ["whk_1"]
    receiver.replies = status(204)
    assert await send_all(sender) == 1


async def test_a_lease_that_ends_is_looked_at(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    [claimed] = await sender.claim_some(10)
    assert await sender.claim_some(10) == []
    assert (await market.state()).look_at == claimed.until
    await market.age(seconds=61)
    assert await send_all(sender) == 1


async def test_what_another_has_locked_is_news_until_it_was_looked_at(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    sender = market.sender()
    assert await sender.claim_some(10) == []
    await market.happens("a")
    async with market.store.reading() as session:
        look = await sender._looks.look(session, market.clock.now(), 4)
    sender._looks.is_done(look, [])
    assert await looked_at(market, sender) == ["whk_1"]
    sender._looks.is_done(look, ["whk_1"])
    assert await looked_at(market, sender) == []


async def test_more_news_than_one_look_takes_is_not_forgotten(
    market: Market, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_webhooks, "LOOKED_AT_ONCE", 2)
    sender = market.sender()
    for number in range(5):
        await market.webhook(receiver, f"emp_{number}")
    assert await sender.claim_some(10) == []
    for number in range(5):
        await market.happens("a", organisation_id=f"emp_{number}")
    assert await send_all(sender) == 5


async def test_once_a_minute_all_are_looked_at(market: Market, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: what a process of an earlier version has done, which says nothing of it."""
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    await send_all(sender)
    await send_all(sender)
    async with market.store.transaction() as session:
        await session.exec(delete(DeliveryRow))
    await market.change(cursor=0, look_at=None)
    assert await sender.claim_some(10) == []
    sender._looks._all_at = market.clock.monotonic()
    assert await send_all(sender) == 1


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (due_webhooks._DUE, "webhook_look"),
        (due_webhooks._LAST_MOVED, "feed_head_moved"),
        (claiming._MOVED, "feed_head_moved"),
        (due_webhooks._TIMES, "webhook_delivery_pending"),
        (claiming._NEXT, "webhook_delivery_pending"),
        (claiming._COUNTS, "webhook_delivery_pending"),
    ],
)
async def test_each_statement_of_a_look_has_an_index(market: Market, statement: Any, index: str) -> None:
    given = {"now": market.clock.now(), "most": 4, "since": 1, "webhook_ids": ["whk_1", "whk_2"]}
    wanted = statement.compile().params
    query = statement.params({name: value for name, value in given.items() if name in wanted})
    await fill(market)
    async with market.store.transaction() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        dialect: Any = sqlite.dialect() if is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
        written = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace(":", r"\:")
        await session.exec(text("ANALYZE"))  # type: ignore[call-overload]
        asked = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        plan = [str(row[-1]) for row in await session.exec(text(f"{asked} {written}"))]  # type: ignore[call-overload]
    assert any(index in step for step in plan), plan
    assert [step for step in plan if step in READ_WHOLE or "Seq Scan" in step] == []
