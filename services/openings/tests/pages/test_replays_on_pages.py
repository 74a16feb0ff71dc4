"""What a receiver has lost is sent once more from the pages of a webhook: one message, a range, or all since."""

from collections.abc import Sequence

import pytest

from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.effects.lease import acquire
from makersync.feed.numbering import Numbering
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed, Match
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def webhook_id(context: Context, acme: Caller, opening_id: str, feed: Feed) -> str:
    """A webhook that has been sent the entries 1 and 2 of the feed."""
    made = await acme.post("/v1/webhooks", {"url": "https://ats.example.org/hooks"})
    found = str(made.json()["webhook"]["id"])
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    async with context.store.transaction() as session:
        lease = await acquire(session, context.clock, "openings.relay", "test", 60.0)
    assert lease is not None
    await Numbering(context.store, context.clock, lease, 60.0).number()
    async with context.store.transaction() as session:
        (await session.get_one(WebhookRow, found)).cursor = 2
        now = context.clock.now()
        about = {"webhook_id": found, "type": "match.proposed", "subject": "x", "state": "delivered"}
        times = {"next_at": now, "created_at": now, "finished_at": now}
        session.add_all([DeliveryRow(id=f"dlv_{each}", position=each, **about, **times) for each in (1, 2)])
    return found


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser, webhook_id: str) -> Browser:
    visitor = await joined(wiring, browser, role="admin")
    await visitor.open(f"/integrations/webhooks/{webhook_id}")
    return visitor


async def replayed(wiring: Wiring, webhook_id: str) -> tuple[int | None, int | None]:
    async with wiring.store.reading() as session:
        row = await session.get_one(WebhookRow, webhook_id)
        return row.replay_after, row.replay_to


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        ("replay", {"first": "1"}, (0, 2)),
        ("replay", {"first": " 2 ", "last": "2"}, (1, 2)),
        ("replay", {"first": "1", "last": "99"}, (0, 2)),
        ("deliveries/dlv_1/replay", {}, (0, 1)),
    ],
)
async def test_entries_are_sent_once_more(
    wiring: Wiring, admin: Browser, webhook_id: str, path: str, fields: dict[str, str], expected: tuple[int, int]
) -> None:
    page = f"/integrations/webhooks/{webhook_id}"
    assert (await admin.send(f"{page}/{path}", **fields)).headers["location"] == f"{page}?done=replayed"
    assert await replayed(wiring, webhook_id) == expected
    assert "being sent once more" in (await admin.open(page)).text
    again = await admin.send(f"{page}/{path}", **fields)
    assert again.status_code == 409 and "A replay of the webhook is under way" in again.text


REFUSED: Sequence[tuple[dict[str, str], str]] = [
    ({"first": ""}, "must be the position"),
    ({"first": "0"}, "must be the position"),
    ({"first": "١"}, "must be the position"),
    ({"first": "9" * 18}, "must be from 1 to 3"),
    ({"first": "9" * 5000}, "must be the position"),
    ({"first": "1", "last": "0" * 19 + "1" + "9" * 20}, "must be the position"),
    ({"first": "77"}, "must be from 1 to 3"),
    ({"first": "2", "last": "1"}, "must not be before"),
    ({"first": "2", "last": "soon"}, "must be the position"),
]


async def test_a_range_that_is_none_is_refused(wiring: Wiring, admin: Browser, webhook_id: str) -> None:
    for fields, said in REFUSED:
        answer = await admin.send(f"/integrations/webhooks/{webhook_id}/replay", **fields)
        assert answer.status_code == 422 and said in answer.text, fields
        assert f'value="{fields["first"]}"' in answer.text, "what was typed is kept"
    assert await replayed(wiring, webhook_id) == (None, None)


async def test_entries_that_were_never_sent_are_not_sent_twice(wiring: Wiring, admin: Browser, webhook_id: str) -> None:
    page = f"/integrations/webhooks/{webhook_id}"
    assert (await admin.send(f"{page}/replay", first="3")).headers["location"] == f"{page}?done=ahead"
    assert await replayed(wiring, webhook_id) == (None, None)


async def test_a_test_is_not_sent_again(admin: Browser, webhook_id: str) -> None:
    tested = (await admin.send(f"/integrations/webhooks/{webhook_id}/test")).headers["location"]
    answer = await admin.send(f"{tested}/replay")
    assert answer.status_code == 409 and "send another one" in answer.text
