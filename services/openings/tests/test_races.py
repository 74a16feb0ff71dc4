"""Requests and sweeps that run at the same moment. Only PostgreSQL lets them overlap."""

import asyncio

import pytest

from makersync.clock import ManualClock
from makersync.http.idempotency import CLAIMED
from makersync.runtime.service import Context
from makersync.store.tables import IdempotencyRow
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import expiry_sweep, forgetting_sweep

from .conftest import NOW, Caller, Published
from .samples import wanted

pytestmark = pytest.mark.usefixtures("catalog")
AT_ONCE = 5


async def test_of_concurrent_changes_to_one_version_exactly_one_wins(acme: Caller, published: Published) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    changes = [acme.change("PATCH", path, 1, {"title": f"Title {number}"}) for number in range(AT_ONCE)]
    answers = await asyncio.gather(*changes)
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)
    assert {answer.json()["rule"] for answer in answers if answer.is_error} == {"version_outdated"}
    assert await published.kinds() == ["OpeningPublished", "OpeningRevised"]


async def test_concurrent_changes_to_any_version_are_applied_one_after_another(acme: Caller, published: Published) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    anyhow = {"If-Match": "*"}
    changes = [acme.send("PATCH", path, json={"positions": 10 + number}, headers=anyhow) for number in range(AT_ONCE)]
    answers = await asyncio.gather(*changes)
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6]
    assert [event.version for event in await published.events()] == [1, 2, 3, 4, 5, 6]


async def test_the_same_creation_sent_many_times_at_once_publishes_once(acme: Caller, published: Published) -> None:
    creations = [acme.post("/v1/openings", wanted(), Idempotency_Key="k") for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*creations)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["opening_id"] for answer in answers}) == 1
    assert await published.kinds() == ["OpeningPublished"]


async def test_a_creation_whose_first_request_has_no_answer_yet_is_refused(
    acme: Caller, published: Published, context: Context
) -> None:
    """Both databases make the second request wait for the first. This is what it is told should it see the first's claim."""
    async with context.store.transaction() as session:
        claim = {"request_digest": "", "status": CLAIMED, "body": b"", "created_at": NOW}
        session.add(IdempotencyRow(caller="organisation:emp_acme", key="k", **claim))
    refused = await acme.post("/v1/openings", wanted(), Idempotency_Key="k")
    assert (refused.status_code, refused.json()["rule"]) == (409, "request_under_way")
    assert await published.kinds() == []
    assert (await acme.post("/v1/openings", wanted(), Idempotency_Key="other")).status_code == 201


async def test_processes_that_sweep_together_announce_each_expiry_once(
    acme: Caller, published: Published, context: Context, clock: ManualClock
) -> None:
    for _ in range(AT_ONCE):
        await acme.post("/v1/openings", wanted(closes_on="2026-11-22"))
    clock.move_to(NOW.replace(day=23))
    sweep = expiry_sweep(context.store, units_of_work_of(context))
    assert sum(await asyncio.gather(sweep(), sweep(), sweep())) == AT_ONCE
    assert (await published.kinds()).count("OpeningExpired") == AT_ONCE


async def test_processes_that_forget_together_do_not_disturb_each_other(context: Context, clock: ManualClock) -> None:
    sweep = forgetting_sweep(context.store, context.clock, context.settings.keep_ended_days)
    assert await asyncio.gather(sweep(), sweep()) == [0, 0]
