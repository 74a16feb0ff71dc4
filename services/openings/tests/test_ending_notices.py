"""An employer is told in its feed when an opening is about to close: once for each number of days ahead."""

from datetime import timedelta
from typing import Any

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import ending_sweep

from .conftest import NOW, Caller, publish
from .feed_reading import entries_of

pytestmark = pytest.mark.usefixtures("catalog")
DAYS_AHEAD = (14, 3)


def closing_in(days: int) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


async def notices(context: Context, caller: Caller) -> list[tuple[str, int]]:
    """After a sweep, the title and the days left of every notice so far."""
    await ending_sweep(context.store, units_of_work_of(context), DAYS_AHEAD)()
    said: list[dict[str, Any]] = [each["data"] for each in await entries_of(context, caller, "opening.ending")]
    return [(each["title"], each["days"]) for each in said]


async def test_a_closing_date_is_announced_14_and_3_days_ahead(
    acme: Caller, bolt: Caller, context: Context, clock: ManualClock
) -> None:
    await publish(acme, title="Turner", closes_on=closing_in(20))
    await publish(acme, title="Without a date")
    said = []
    for day in range(22):
        clock.move_to(NOW + timedelta(days=day))
        said.append(len(await notices(context, acme)))
    assert said == [0] * 6 + [1] * 11 + [2] * 5
    assert await notices(context, acme) == [("Turner", 14), ("Turner", 3)]
    assert await notices(context, bolt) == []


async def test_of_two_notices_that_are_due_at_once_only_the_nearer_is_given(acme: Caller, context: Context) -> None:
    await publish(acme, title="Turner", closes_on=closing_in(2))
    for _ in range(2):
        assert await notices(context, acme) == [("Turner", 2)]


async def test_another_closing_date_is_announced_again_and_a_closed_opening_is_not(
    acme: Caller, context: Context, clock: ManualClock
) -> None:
    path = await publish(acme, title="Turner", closes_on=closing_in(10))
    assert await notices(context, acme) == [("Turner", 10)]
    assert (await acme.change("PATCH", path, 1, {"closes_on": closing_in(30)})).is_success
    assert len(await notices(context, acme)) == 1
    clock.move_to(NOW + timedelta(days=16))
    assert await notices(context, acme) == [("Turner", 10), ("Turner", 14)]
    assert (await acme.change("POST", f"{path}/closing", 2)).is_success
    clock.move_to(NOW + timedelta(days=28))
    assert len(await notices(context, acme)) == 2
