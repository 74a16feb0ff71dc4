"""An employer's webhooks: how they are made, changed and deleted, what is refused, and that a match reaches the receiver."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from makersync.clock import ManualClock
from makersync.delivery.repository import MOST_WEBHOOKS
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller, MakeCaller
from services.openings.tests.events import Feed, Match
from shared.makersync.tests.delivery.receiver import Receiver

from .calls import PATH, URL, created, refused, sending, until

pytestmark = pytest.mark.usefixtures("catalog")


async def test_a_match_reaches_the_employers_receiver_signed(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, clock: ManualClock, receiver: Receiver
) -> None:
    clock.move_to(datetime.now(UTC))
    issued = await created(acme, receiver.url, types=["match.proposed"])
    async with sending(context):
        pair = Match(opening_id, "lrn_1")
        await feed.matches(pair.proposed(1), pair.revised(2))
        await numbering.number()
        await until(lambda: len(receiver.received) == 1)
    [received] = receiver.received
    message = Webhook(issued["secret"]).verify(received.body, received.headers)
    [entry] = (await acme.get("/v1/feed", types="match.proposed")).json()["entries"]
    assert message == {
        "type": "match.proposed",
        "timestamp": entry["occurred_at"],
        "data": {"position": entry["position"], "subject": entry["subject"], "state": entry["data"]},
    }
    path = f"{PATH}/{issued['webhook']['id']}"
    [delivery] = (await acme.get(f"{path}/deliveries", state="delivered")).json()["items"]
    assert (delivery["message_id"], delivery["position"]) == (received.message_id, 1)
    detail = (await acme.get(f"{path}/deliveries/{delivery['id']}")).json()
    assert [(each["outcome"], each["status"]) for each in detail["log"]] == [("delivered", 204)]
    assert (await acme.get(path)).json()["position"] == 2


async def test_the_secret_is_shown_once_and_a_public_key_always(acme: Caller, context: Context) -> None:
    first = await acme.post(PATH, {"url": URL}, Idempotency_Key="k")
    assert first.status_code == 201 and first.json()["secret"].startswith("whsec_")
    assert first.headers["Location"] == f"{PATH}/{first.json()['webhook']['id']}"
    again = await acme.post(PATH, {"url": URL}, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (200, first.json() | {"secret": None})
    assert "whsec_" not in (await acme.get(PATH)).text
    pair = await created(acme, signing="ed25519")
    assert pair["secret"] is None
    assert pair["webhook"]["keys"][0]["public_key"].startswith("whpk_")
    assert [each["id"] for each in (await acme.get(PATH)).json()["items"]] == [
        pair["webhook"]["id"],
        first.json()["webhook"]["id"],
    ]


async def test_a_webhook_is_changed_by_its_version_and_deleted(acme: Caller) -> None:
    path = f"{PATH}/{(await created(acme))['webhook']['id']}"
    assert (await acme.get(path)).headers["ETag"] == '"1"'
    assert (await acme.send("PATCH", path, json={"description": "ATS"})).status_code == 428
    changed = await acme.change("PATCH", path, 1, {"types": ["match.withdrawn"], "url": "https://other.example.org/"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"'), changed.text
    assert (changed.json()["types"], changed.json()["url"]) == (["match.withdrawn"], "https://other.example.org/")
    assert (await acme.change("PATCH", path, 1, {"description": "ATS"})).status_code == 412
    assert (await acme.change("PATCH", path, 2, {"url": None})).status_code == 422
    assert (await acme.change("PATCH", path, 2, {"types": ["match.invented"]})).json()["rule"] == "unknown_entry_type"
    assert (await acme.change("DELETE", path, 1)).status_code == 412
    assert (await acme.change("DELETE", path, 2)).status_code == 204
    assert (await acme.get(path)).status_code == 404
    assert (await acme.get(PATH)).json() == {"items": []}


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://192.168.0.1/hooks", "webhook_address"),
        ("https://169.254.169.254/latest/meta-data", "webhook_address"),
        ("ftp://ats.example.org/", "webhook_scheme"),
        ("https://user@ats.example.org/", "webhook_url"),
        ("hooks", "webhook_scheme"),
        ("", "string_too_short"),
        ("https://" + "a" * 2000, "string_too_long"),
    ],
)
async def test_a_url_that_nothing_may_be_sent_to_is_refused(acme: Caller, url: str, rule: str) -> None:
    assert await refused(acme, 422, url=url) == rule


async def test_what_breaks_a_rule_is_refused(acme: Caller) -> None:
    assert await refused(acme, 422, types=["match.invented"]) == "unknown_entry_type"
    assert await refused(acme, 422, signing="md5") == "enum"
    assert await refused(acme, 410, after=7) == "feed_position"
    for _ in range(MOST_WEBHOOKS):
        await created(acme)
    assert await refused(acme, 409) == "too_many_webhooks"


async def test_a_webhook_begins_where_it_is_told_to(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await numbering.number()
    assert (await created(acme))["webhook"]["position"] == 2
    await created(acme, receiver.url, after=1)
    async with sending(context):
        await until(lambda: receiver.positions == [2])


async def test_webhooks_are_for_organisations_with_the_scope(caller: MakeCaller, acme: Caller, operator: Caller) -> None:
    path = f"{PATH}/{(await created(acme))['webhook']['id']}"
    reader = await caller("emp_acme", ["openings:read"])
    assert (await reader.get(path)).status_code == 200
    assert (await reader.get(f"{path}/deliveries")).status_code == 200
    assert (await reader.post(f"{path}/test")).status_code == 403
    assert (await reader.post(PATH, {"url": URL})).status_code == 403
    for answer_ in (await operator.get(PATH), await operator.get(path), await operator.post(PATH, {"url": URL})):
        assert answer_.status_code == 403


async def test_no_secret_is_readable_in_the_database(acme: Caller, context: Context) -> None:
    issued = await created(acme)
    async with context.store.connection() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM webhook_secret")).all()
        kept = (await connection.exec_driver_sql("SELECT * FROM idempotency")).all()
    secret = issued["secret"].removeprefix("whsec_")
    assert secret not in f"{rows}{kept}" and len(rows) == 1
