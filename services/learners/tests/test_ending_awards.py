"""A provider is told when awards of its learners are about to end, in time to renew them."""

from datetime import timedelta
from typing import Any

import pytest

from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.entrypoints.sweeps import ending_sweep
from makersync.clock import ManualClock
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from reference.places import load_places

from .conftest import NOW, Caller, MakeCaller
from .following import entries_of
from .samples import BADGE, accepted, award, erase, record, register

DAYS_AHEAD = (14, 3)
SAFETY = "osha:10-general-industry"


def ending_in(days: int) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


class Notices:
    """What the sweep and the leader do, and what the feed then says."""

    def __init__(self, context: Context, numbering: Numbering) -> None:
        units_of_work = LearnersUnitsOfWork(context.outbox, context.clock, load_places())
        self._sweep = ending_sweep(context.store, units_of_work, DAYS_AHEAD)
        self._numbering = numbering

    async def of(self, caller: Caller) -> list[dict[str, Any]]:
        await self._sweep()
        await self._numbering.number()
        return [each["data"] for each in await entries_of(caller, types="award.ending")]


@pytest.fixture
def notices(context: Context, numbering: Numbering) -> Notices:
    return Notices(context, numbering)


async def test_the_end_of_an_award_is_announced_14_and_3_days_ahead(
    york: Caller, lima: Caller, notices: Notices, clock: ManualClock
) -> None:
    ada = await register(york)
    award_id = await record(york, ada, expires_on=ending_in(20))
    await record(york, ada, credential=SAFETY, expires_on=None)
    said = []
    for day in range(22):
        clock.move_to(NOW + timedelta(days=day))
        said.append(len(await notices.of(york)))
    assert said == [0] * 6 + [1] * 11 + [2] * 5
    first, second = await notices.of(york)
    about = {"learner_id": ada, "award_id": award_id, "credential": BADGE, "expires_on": ending_in(20), "version": 3}
    assert (first, second) == (about | {"days": 14}, about | {"days": 3})
    assert await notices.of(lima) == []


async def test_of_two_notices_that_are_due_at_once_only_the_nearer_is_given(york: Caller, notices: Notices) -> None:
    await record(york, await register(york), expires_on=ending_in(2))
    for _ in range(2):
        assert [each["days"] for each in await notices.of(york)] == [2]


async def test_a_renewed_award_is_announced_again_before_its_new_end(
    york: Caller, notices: Notices, clock: ManualClock
) -> None:
    ada = await register(york)
    award_id = await record(york, ada, expires_on=ending_in(10))
    assert [each["days"] for each in await notices.of(york)] == [10]
    renewal = f"/v1/learners/{ada}/awards/{award_id}/renewal"
    accepted(await york.change("POST", renewal, 2, {"expires_on": ending_in(30)}))
    assert len(await notices.of(york)) == 1
    clock.move_to(NOW + timedelta(days=16))
    assert [each["days"] for each in await notices.of(york)] == [10, 14]


async def test_nothing_is_said_of_awards_that_do_not_count_or_that_another_outlives(york: Caller, notices: Notices) -> None:
    """Guards: a notice that nobody has to act on teaches people to ignore all of them."""
    ada, bob = await register(york), await register(york)
    suspended = await record(york, ada, expires_on=ending_in(5))
    accepted(await york.change("POST", f"/v1/learners/{ada}/awards/{suspended}/suspension", 2))
    await record(york, ada, issued_on=None, credential=SAFETY, expires_on=ending_in(5))
    await record(york, bob, expires_on=ending_in(5))
    await record(york, bob, issued_on="2026-11-20", expires_on=ending_in(700))
    await record(york, bob, credential=SAFETY, issued_on="2025-01-01", expires_on=ending_in(0))
    assert await notices.of(york) == []


async def test_an_erasure_leaves_nothing_of_a_notice(york: Caller, notices: Notices) -> None:
    ada = await register(york)
    await record(york, ada, expires_on=ending_in(5))
    assert len(await notices.of(york)) == 1
    await erase(york, ada)
    assert await notices.of(york) == [None]


async def test_the_awards_that_end_soon_are_listed_by_their_ends(
    york: Caller, lima: Caller, caller: MakeCaller, operator: Caller, clock: ManualClock
) -> None:
    ada, bob = await register(york), await register(york)
    late = await record(york, ada, expires_on=ending_in(90))
    soon = await record(york, bob, expires_on=ending_in(5))
    later = await record(york, bob, credential=SAFETY, expires_on=ending_in(91))
    await record(lima, await register(lima), expires_on=ending_in(5))
    first = accepted(await york.get("/v1/awards/ending", limit=1))
    rest = accepted(await york.get("/v1/awards/ending", limit=1, cursor=first["next_cursor"]))
    assert first["items"] == [
        {
            "award_id": soon,
            "learner_id": bob,
            "credential": BADGE,
            "evidence": "attested",
            "expires_on": ending_in(5),
            "days_left": 5,
        }
    ]
    assert ([each["award_id"] for each in rest["items"]], rest["next_cursor"]) == ([late], None)
    wide = accepted(await york.get("/v1/awards/ending", within=366))["items"]
    assert [each["award_id"] for each in wide] == [soon, late, later]
    assert (await york.get("/v1/awards/ending", within=0)).status_code == 422
    writer = await caller("prv_york", ["learners:write"])
    for other in (writer, operator):
        assert (await other.get("/v1/awards/ending")).status_code == 403


async def test_an_award_says_how_many_days_it_still_counts(york: Caller, clock: ManualClock) -> None:
    ada = await register(york)
    recorded = accepted(await york.post(f"/v1/learners/{ada}/awards", award(expires_on=ending_in(2))))
    assert (recorded["in_force"], recorded["days_left"]) == (True, 2)
    said = []
    for day in (1, 2):
        clock.move_to(NOW + timedelta(days=day))
        [shown] = accepted(await york.get(f"/v1/learners/{ada}"))["awards"]
        said.append((shown["in_force"], shown["days_left"]))
    assert said == [(True, 1), (False, None)]
