"""Waits of tests: for what brokers do in their own time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from makersync.broker.port import Assignment, Member, Record, Tail, TopicPartition
from tests.servers.brokers import Outsider

PATIENCE_S = 30.0
POLL_S = 0.05

Records = dict[TopicPartition, list[Record]]


async def read(reader: Member | Tail, count: int, patience_s: float = PATIENCE_S) -> Records:
    """The next `count` records or more, by partition. Raises TimeoutError, with what came instead."""
    found: Records = {}
    try:
        async with asyncio.timeout(patience_s):
            while sum(map(len, found.values())) < count:
                for partition, records in (await reader.fetch(1000, POLL_S)).items():
                    found.setdefault(partition, []).extend(records)
    except TimeoutError as error:
        raise TimeoutError(f"{count} records were expected, {found} came") from error
    return found


async def nothing_comes(reader: Member | Tail, rounds: int = 5) -> bool:
    return not any([await reader.fetch(1000, POLL_S * 2) for _ in range(rounds)])


async def wait_for(holds: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(patience_s):
        while not await holds():
            await asyncio.sleep(POLL_S)


async def wait_until(holds: Callable[[], bool]) -> None:
    """Like `wait_for`, for what shows without asking."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(POLL_S)


async def assignment_of(member: Member | Outsider) -> Assignment:
    assignment = member.assignment()
    return assignment if isinstance(assignment, Assignment) else await assignment


async def shared_out(members: Sequence[Member | Outsider], count: int) -> list[Assignment]:
    """The members' assignments, once they hold `count` partitions in all and each at least one."""
    found: list[Assignment] = []

    async def complete() -> bool:
        found[:] = [await assignment_of(member) for member in members]
        held = [len(assignment.partitions) for assignment in found]
        return all(held) and sum(held) == count

    await wait_for(complete)
    return found


async def held_again(member: Member | Outsider, generation: int, count: int) -> Assignment:
    """The member's first assignment after `generation` that holds `count` partitions."""

    async def is_new() -> bool:
        assignment = await assignment_of(member)
        return assignment.generation > generation and len(assignment.partitions) == count

    await wait_for(is_new)
    return await assignment_of(member)
