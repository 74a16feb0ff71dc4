"""The operators' view of a running service: what waits, which partitions are held, and which are halted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import BrokerAway, TopicPartition
from makersync.effects.consumer_port import Consumer
from makersync.effects.dead_letters import OPEN
from makersync.effects.fence import stored, untaken
from makersync.effects.halts import Halt, halts
from makersync.effects.relay import unpublished
from makersync.http.health import Check, states_of
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.mail.server_state import NOT_SET_UP, server_state
from makersync.mail.setup import public_address_of
from makersync.mail.states import OF_SERVER
from makersync.runtime.drafts import DraftsView
from makersync.runtime.status import ProcessStatus
from makersync.store.tables import DeadLetterRow

#: The first offset of a partition, and the offset after the last.
Bounds = tuple[int, int]


class ConsumerLag(BaseModel):
    """How far a consumer is behind its input topics in one partition number."""

    name: str = Field(description="Name of the consumer.", examples=["credentials"])
    partition: int = Field(description="Partition number, the same in each of its input topics.", examples=[0])
    lag: int | None = Field(
        description="Records of all its input topics that it has not yet worked through; null while no broker says.",
        examples=[0],
    )


class HaltedPartition(BaseModel):
    """A partition number whose consumer stopped at a record, and waits for an operator."""

    name: str = Field(description="Name of the consumer.", examples=["credentials"])
    partition: int = Field(description="Partition number.", examples=[3])
    topic: str | None = Field(
        description="The topic that stands still; null: all topics of the consumer.",
        examples=["learners.credential-definition.v1"],
    )
    reason: str = Field(description="Why it stopped, in English.", examples=["too many dead letters"])
    since: datetime = Field(description="When it stopped, UTC.")


class MailState(BaseModel):
    """What the senders of mail last found. Mail that cannot be sent waits, and nothing else waits for it."""

    problem: str | None = Field(
        description=f"What is wrong with the mail server, null if nothing is. `{NOT_SET_UP}`: the senders lack settings; "
        + "; ".join(f"`{name}`: {meaning}" for name, meaning in OF_SERVER.items())
        + ".",
        examples=[None],
    )
    since: datetime | None = Field(
        description="Since when that is so, UTC; null: no sender has run yet.", examples=["2026-11-22T09:30:00Z"]
    )
    waiting: int = Field(description="Messages that are to be sent.", examples=[0])


class Operations(BaseModel):
    """`parts`, `time_zone`, `held` and `leads` are this process's, the others the service's."""

    parts: dict[str, str] = Field(
        description="By the name of each part of the readiness `ok`, or what is wrong with it.",
        examples=[{"database": "ok", "broker": "ok"}],
    )

    time_zone: str = Field(
        description="IANA name of the deployment's time zone (`MAKERSYNC_TIME_ZONE`): the market's days end at its midnight.",
        examples=["America/Chicago"],
    )
    outbox_unpublished: int = Field(description="Events that are stored and not yet on their topics.", examples=[0])
    dead_letters_open: int = Field(description="Records that were set aside and nobody has decided about.", examples=[1])
    consumers: list[ConsumerLag] = Field(description="Every consumer with each of its partition numbers.")
    held: dict[str, list[int]] = Field(
        description="By consumer the partition numbers that this process works through.", examples=[{"credentials": [0, 1, 2]}]
    )
    leads: bool = Field(description="Whether this process is the one that publishes the service's events.")
    halted: list[HaltedPartition] = Field(description="What stands still until an operator resumes it.")
    mail: MailState | None = Field(description="How the mail of the service does; null: it sends none.")
    drafts: list[DraftsView] | None = Field(
        description="Drafts of openings that wait for their counts, by region; null: none pass through the service."
    )


def operations_router(status: ProcessStatus, readiness: Callable[[], Mapping[str, Check]]) -> APIRouter:
    """`GET /v1/operations` for operators."""
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)

    @router.get("/v1/operations", summary="What waits, what is held, what is halted")
    async def read_operations(_operator: Operator) -> Operations:
        """What to look at first when something is slow or stands still. It reads the database, asks the broker and changes
        nothing. While the broker is away, `lag` is null.
        """
        parts, consumers, ends = await states_of(readiness()), consumers_of(status), await ends_of(status)
        async with status.context.store.snapshot() as session:
            return Operations(
                parts=parts,
                time_zone=status.settings.time_zone,
                outbox_unpublished=await unpublished(session),
                dead_letters_open=(await session.exec(select(func.count()).where(DeadLetterRow.status == OPEN))).one(),
                consumers=[lag for each in consumers for lag in await _lags(session, each, ends)],
                held={loop.name: sorted(loop.held) for loop in status.loops},
                leads=status.publisher is not None and status.publisher.leads,
                halted=[_halted(halt) for halt in await halts(session)],
                mail=await _mail(session, status),
                drafts=await _drafts(session, status),
            )

    return router


async def _mail(session: AsyncSession, status: ProcessStatus) -> MailState | None:
    if status.definition.mail is None or public_address_of(status.settings) is None:
        return None
    state = await server_state(session)
    return MailState(problem=state.problem, since=state.since, waiting=state.waiting)


async def _drafts(session: AsyncSession, status: ProcessStatus) -> list[DraftsView] | None:
    count = status.definition.drafts
    return None if count is None else [DraftsView.of(each) for each in await count(session)]


def _halted(halt: Halt) -> HaltedPartition:
    return HaltedPartition(
        name=halt.consumer, partition=halt.partition, topic=halt.topic or None, reason=halt.reason, since=halt.since
    )


def consumers_of(status: ProcessStatus) -> Sequence[Consumer]:
    """All consumers of the service, whichever process holds their partitions; none without a broker."""
    return () if status.broker is None else status.definition.consumers(status.context)


async def ends_of(status: ProcessStatus) -> Mapping[TopicPartition, Bounds] | None:
    """None while the broker is away; halts are shown nevertheless.

    Call it before the database is read, so that no transaction stays open while the broker is awaited.
    """
    topics = {topic for consumer in consumers_of(status) for topic in consumer.topics}
    try:
        return await status.broker.bounds(sorted(topics)) if status.broker is not None and topics else {}
    except BrokerAway:
        return None


async def _lags(session: AsyncSession, consumer: Consumer, ends: Mapping[TopicPartition, Bounds] | None) -> list[ConsumerLag]:
    fences = await stored(session, consumer.name)
    if ends is None:
        return [ConsumerLag(name=consumer.name, partition=row.partition, lag=None) for row in fences]
    mine = {at: bounds for at, bounds in ends.items() if at.topic in consumer.topics}
    waiting = untaken({row.partition: row.offsets for row in fences}, mine)
    numbers = sorted({at.partition for at in mine})
    return [ConsumerLag(name=consumer.name, partition=each, lag=_lag(each, waiting)) for each in numbers]


def _lag(number: int, waiting: Mapping[TopicPartition, Bounds]) -> int:
    return sum(end - upto for at, (upto, end) in waiting.items() if at.partition == number)
