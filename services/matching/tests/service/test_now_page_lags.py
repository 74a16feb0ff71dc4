"""What the page of what happens now says of consumers: never that all is well while they are behind, or nobody can know."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from service_world import World
from visits import app_of, operator_of

from makersync.broker.port import BrokerAway, BrokerRefused, OffsetUnknown, TopicPartition
from makersync.runtime.operating.measuring import measuring
from makersync.runtime.operating.process_state import ProcessState
from makersync.runtime.operating.sampling import EVERY_S, sampling
from makersync.runtime.status import ProcessStatus
from tests.visiting.browser import Browser

NOW = "/operations"
WELL = "All is well"


@asynccontextmanager
async def looking(world: World) -> AsyncIterator[tuple[Browser, ProcessStatus]]:
    """An operator at a process with the role http alone, which has a broker to ask and consumes nothing."""
    app = app_of(world)
    state = app.state.process
    assert isinstance(state, ProcessState)
    state.status.broker = world.broker
    await measuring(state.status)()
    async with operator_of(world, app) as operator:
        yield operator, state.status


async def shown(operator: Browser) -> str:
    return (await operator.open(NOW)).text


async def sampled(world: World, status: ProcessStatus, seconds: float) -> None:
    """As the process does by itself."""
    for _ in range(round(seconds / EVERY_S)):
        world.pass_seconds(EVERY_S)
        await sampling(status)()


async def test_the_first_look_at_dead_consumers_is_not_green(world: World) -> None:
    """Guards: with one sample nothing seems to have waited, however much there is."""
    await world.opening()
    async with looking(world) as (operator, status):
        assert "what waits is not known yet" in await shown(operator) and WELL not in await shown(operator)
        await sampling(status)()
        page = await shown(operator)
    assert WELL not in page
    assert "matching.market is behind by one record. Since when is not known yet" in page


async def test_a_consumer_that_stays_behind_is_late_since_it_was_first_seen(world: World) -> None:
    """Guards: nobody looks at the page for an hour, and the first who does sees nothing."""
    await world.settle()
    async with looking(world) as (operator, status):
        await sampling(status)()
        assert WELL in await shown(operator)
        await world.opening()
        await sampled(world, status, 60)
        page = await shown(operator)
    assert "matching.market is behind by one record." in page and "Since when" not in page and WELL not in page


async def test_what_has_just_come_is_no_trouble(world: World) -> None:
    await world.settle()
    async with looking(world) as (operator, status):
        await sampling(status)()
        await world.opening()
        await sampled(world, status, EVERY_S)
        assert WELL in await shown(operator)


async def test_a_broker_that_does_not_answer_is_grave_until_it_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a process with the role http alone has no part of its readiness that would say so."""

    async def away(_topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        raise BrokerAway("no answer")

    await world.settle()
    async with looking(world) as (operator, status):
        await sampling(status)()
        with monkeypatch.context() as patch:
            patch.setattr(world.broker, "bounds", away)
            await sampled(world, status, 10)
            page = await shown(operator)
            assert "Something has stopped" in page and "The broker does not answer this process" in page
            assert "the broker is away" in page
        await sampled(world, status, EVERY_S)
        assert WELL in await shown(operator)


@pytest.mark.parametrize("refusal", [BrokerRefused("not for this user"), OffsetUnknown("being elected"), TimeoutError()])
async def test_a_broker_that_refuses_ends_no_sampling(
    world: World, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    """Guards: the whole process would end for what its pages alone would like to know."""

    async def refused(_topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        raise refusal

    await world.settle()
    async with looking(world) as (operator, status):
        await sampling(status)()
        monkeypatch.setattr(world.broker, "bounds", refused)
        await sampled(world, status, 10)
        assert "The broker does not answer this process" in await shown(operator)


async def test_measures_that_have_stopped_are_not_taken_for_news(world: World) -> None:
    await world.settle()
    async with looking(world) as (operator, status):
        await sampling(status)()
        world.pass_seconds(31)
        page = await shown(operator)
    assert "has stopped measuring" in page and WELL not in page


async def test_no_page_awaits_the_broker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a transaction of the database stays open as long, every five seconds for each page that is open."""

    async def asked(_topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        raise AssertionError

    async with looking(world) as (operator, _):
        monkeypatch.setattr(world.broker, "bounds", asked)
        assert (await operator.open(NOW)).status_code == 200
