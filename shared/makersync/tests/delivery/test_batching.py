"""What comes while something is being done is done together next."""

import asyncio
from collections.abc import Sequence

import pytest

from makersync.delivery.batching import Batching
from makersync.errors import RetryLater


class Work:
    """Doubles numbers, once it may go on. `bad` numbers cannot be doubled; `away` says what is raised whatever they are."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.bad: set[int] = set()
        self.away: list[Exception] = []

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(numbers))
        await self.may_go_on.wait()
        if self.away:
            raise self.away.pop()
        if self.bad & set(numbers):
            raise ValueError(f"{numbers} cannot be doubled")
        return [2 * each for each in numbers]


@pytest.fixture
async def work() -> Work:
    return Work()


async def test_what_comes_during_a_batch_is_the_next_one_and_each_has_its_own_result(work: Work) -> None:
    batching = Batching(work, most=10)
    work.may_go_on.clear()
    first = asyncio.create_task(batching.result_of(1))
    while not work.batches:
        await asyncio.sleep(0)
    others = [asyncio.create_task(batching.result_of(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    work.may_go_on.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


async def test_a_batch_has_a_bound(work: Work) -> None:
    batching = Batching(work, most=2)
    assert await asyncio.gather(*(batching.result_of(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert work.batches == [[0, 1], [2, 3], [4]]


async def test_what_fails_in_a_batch_fails_alone(work: Work) -> None:
    batching, work.bad = Batching(work, most=10), {2}
    results = await asyncio.gather(*(batching.result_of(number) for number in (1, 2, 3)), return_exceptions=True)
    assert (results[0], results[2]) == (2, 6)
    assert isinstance(results[1], ValueError)


async def test_a_temporary_fault_is_told_to_all_and_tried_by_nobody_alone(work: Work) -> None:
    batching, work.away = Batching(work, most=10), [RetryLater("away")]
    results = await asyncio.gather(*(batching.result_of(number) for number in (1, 2)), return_exceptions=True)
    assert all(isinstance(each, RetryLater) for each in results)
    assert work.batches == [[1, 2]]
    assert await batching.result_of(1) == 2


async def test_who_is_cancelled_while_working_for_all_leaves_the_others_their_results(work: Work) -> None:
    batching = Batching(work, most=10)
    work.may_go_on.clear()
    first, second = (asyncio.create_task(batching.result_of(number)) for number in (1, 2))
    while not work.batches:
        await asyncio.sleep(0)
    first.cancel()
    work.may_go_on.set()
    assert await second == 4
    assert first.cancelled() or isinstance((await asyncio.gather(first, return_exceptions=True))[0], asyncio.CancelledError)
    assert await batching.result_of(3) == 6
