"""A webhook that its organisation has suspended, and what operators see of everybody's."""

import asyncio

import pytest

from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed, Match
from shared.makersync.tests.delivery.receiver import Receiver, answer

from .calls import PATH, created, sending, until

pytestmark = pytest.mark.usefixtures("catalog")
OPERATIONS = "/v1/operations/webhooks"


async def test_a_suspended_webhook_is_sent_nothing_but_tests_until_it_is_resumed(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    path = f"{PATH}/{(await created(acme, receiver.url))['webhook']['id']}"
    suspended = await acme.post(f"{path}/suspension")
    assert (suspended.status_code, suspended.json()["state"], suspended.json()["reason"]) == (200, "disabled", "suspended")
    assert suspended.headers["ETag"] == '"2"'
    assert (await acme.post(f"{path}/suspension")).headers["ETag"] == '"2"', "it is suspended already"
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    async with sending(context):
        location = (await acme.post(f"{path}/test")).headers["Location"]
        while (await acme.get(location)).json()["state"] == "pending":
            await asyncio.sleep(0.01)
        assert [each.message["type"] for each in receiver.received] == ["webhook.test"]
        assert (await acme.post(f"{path}/resumption")).json()["state"] == "active"
        await until(lambda: receiver.positions == [None, 1])


async def test_an_attempt_that_is_under_way_does_not_end_a_suspension(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    """Guards: a success, or a receiver that is gone, after the organisation has decided."""
    path, may_answer = f"{PATH}/{(await created(acme, receiver.url))['webhook']['id']}", asyncio.Event()

    async def late(_: object) -> bytes:
        await may_answer.wait()
        return answer(410)

    receiver.replies = late
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    async with sending(context):
        await until(lambda: receiver.positions == [1])
        await acme.post(f"{path}/suspension")
        may_answer.set()
        while not (await acme.get(f"{path}/deliveries")).json()["items"][0]["attempts"]:
            await asyncio.sleep(0.01)
    assert (await acme.get(path)).json()["reason"] == "suspended"


async def test_operators_see_the_states_of_all_webhooks_and_neither_addresses_nor_messages(
    acme: Caller, bolt: Caller, operator: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    mine = (await created(acme))["webhook"]["id"]
    theirs = (await created(bolt))["webhook"]["id"]
    await bolt.post(f"{PATH}/{theirs}/suspension")
    await acme.post(f"{PATH}/{mine}/test")
    items = (await operator.get(OPERATIONS)).json()["items"]
    assert {each["id"]: (each["organisation_id"], each["state"], each["reason"], each["waiting"]) for each in items} == {
        mine: ("emp_acme", "active", None, 1),
        theirs: ("emp_bolt", "disabled", "suspended", 0),
    }
    assert all("ats.example.org" not in str(each) for each in items)
    assert [each["id"] for each in (await operator.get(OPERATIONS, state="disabled")).json()["items"]] == [theirs]
    page = (await operator.get(OPERATIONS, limit=1)).json()
    rest = (await operator.get(OPERATIONS, limit=1, cursor=page["next_cursor"])).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == [each["id"] for each in items]


async def test_organisations_do_not_see_the_view_of_operators(acme: Caller) -> None:
    assert (await acme.get(OPERATIONS)).status_code == 403
