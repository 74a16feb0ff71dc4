"""`--once` ends only when nothing waits anywhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.running import settling
from demo.running.settling import Stuck, settle
from demo.showing.figures import read_halts
from makersync.errors import OperatorError

from .services import Services

OPERATIONS = "/v1/operations"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_POLL_S", 0.0)


def operations(unpublished: int = 0, lag: int = 0, **more: Any) -> dict[str, Any]:
    return {"outbox_unpublished": unpublished, "consumers": [{"name": "c", "partition": 0, "lag": lag}], "halted": []} | more


def answering(*answers: dict[str, Any]) -> Services:
    """The answers in turn, the last one for ever."""

    def turn() -> Iterator[dict[str, Any]]:
        yield from answers
        while True:
            yield answers[-1]

    turns = turn()
    services = Services()
    services.routes[OPERATIONS] = lambda: next(turns)
    return services


async def test_settling_waits_for_outboxes_and_consumers() -> None:
    services = answering(*[operations(unpublished=2, lag=1)] * 5, *[operations(lag=1)] * 5, operations())
    heard: list[int] = []
    await settle(services.clients(), heard.append)
    assert heard[0] == 9
    assert heard[-1] == 0
    assert len(services.asked) == 20


async def test_a_service_that_is_not_connected_is_waited_for() -> None:
    """Without a broker a service knows of no lag."""
    services = answering(*[operations(consumers=[])] * 10, operations())
    await settle(services.clients(), lambda _waiting: None)
    assert len(services.asked) == 20


async def test_events_that_nothing_becomes_of_are_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "STUCK_S", 0.0)
    with pytest.raises(Stuck, match="12 events wait"):
        await settle(answering(operations(lag=4)).clients(), lambda _waiting: None)


async def test_a_halted_partition_is_reported_at_once() -> None:
    halted = [{"name": "matching.market", "partition": 3, "reason": "100 dead letters"}]
    with pytest.raises(OperatorError, match=r"openings has halted: matching\.market partition 3: 100 dead letters"):
        await settle(answering(operations(halted=halted)).clients(), lambda _waiting: None)


async def test_the_live_phase_hears_of_what_stands_still_in_any_service() -> None:
    halted = [{"name": "c", "partition": 3, "reason": "too much"}]
    halts = await read_halts(answering(operations(), operations(halted=halted), operations()).clients())
    assert [halt.partition(".")[0] for halt in halts] == ["c partition 3: too much"]
