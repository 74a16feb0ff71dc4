"""What operators see of a running process: what waits, what is held, what is halted."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import func, select

from makersync.broker.port import TopicPartition
from makersync.effects.dead_letters import OPEN
from makersync.effects.fence import stored
from makersync.effects.halts import Halt, halts
from makersync.effects.relay import unpublished
from makersync.http.health import states_of
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.store.tables import DeadLetterRow

if TYPE_CHECKING:
    from makersync.runtime.process import ServiceProcess


class ConsumerLag(BaseModel):
    """`lag`: records of all its input topics that a partition number has not yet worked through."""

    name: str
    partition: int
    lag: int


class HaltedPartition(BaseModel):
    """`name` is its consumer's. `topic`: what stands still of the partition number; null: all of it."""

    name: str
    partition: int
    topic: str | None
    reason: str
    since: datetime


class Operations(BaseModel):
    """`parts`, `held` and `leads` are this process's, the others the service's.

    `parts` says of each part of its readiness `ok`, or what is wrong with it.
    """

    parts: dict[str, str]

    outbox_unpublished: int
    dead_letters_open: int
    consumers: list[ConsumerLag]
    held: dict[str, list[int]]
    leads: bool
    halted: list[HaltedPartition]


def operations_router(process: "ServiceProcess") -> APIRouter:
    """`GET /v1/operations` for operators."""
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/operations", summary="What waits, what is held, what is halted")
    async def operations(_operator: Operator) -> Operations:
        store = process.context.store
        async with store.reading() as session:
            waiting = await unpublished(session)
            dead = (await session.exec(select(func.count()).where(DeadLetterRow.status == OPEN))).one()
            halted = [_halted(halt) for halt in await halts(session)]
        return Operations(
            parts=await states_of(process.readiness()),
            outbox_unpublished=waiting,
            dead_letters_open=dead,
            consumers=await consumer_lags(process),
            held={loop.name: sorted(loop.held) for loop in process.loops},
            leads=process.publisher is not None and process.publisher.leads,
            halted=halted,
        )

    return router


def _halted(halt: Halt) -> HaltedPartition:
    return HaltedPartition(
        name=halt.consumer, partition=halt.partition, topic=halt.topic or None, reason=halt.reason, since=halt.since
    )


async def consumer_lags(process: "ServiceProcess") -> list[ConsumerLag]:
    """Of every consumer of the service, over all its partitions, whoever holds them. Raises BrokerAway."""
    if process.broker is None:
        return []
    lags = []
    for consumer in process.definition.consumers(process.context):
        bounds = await process.broker.bounds(consumer.topics)
        async with process.context.store.reading() as session:
            offsets = {row.partition: row.offsets for row in await stored(session, consumer.name)}
        lags += [
            ConsumerLag(name=consumer.name, partition=number, lag=_lag(number, offsets.get(number, {}), bounds))
            for number in sorted({at.partition for at in bounds})
        ]
    return lags


def _lag(number: int, offsets: Mapping[str, int], bounds: Mapping[TopicPartition, tuple[int, int]]) -> int:
    mine = ((at.topic, bound) for at, bound in bounds.items() if at.partition == number)
    return sum(max(0, end - max(first, offsets.get(topic, first))) for topic, (first, end) in mine)
