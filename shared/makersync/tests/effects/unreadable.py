"""Unreadable records, and what an operator does about them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from msgspec import structs
from sqlmodel import col, select

from makersync.broker.port import Outgoing
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.dead_letter_decisions import Decision, decide
from makersync.effects.reading import Reader, Reading
from makersync.envelope import LARGEST_VERSION, Event, encode, encode_sequence
from makersync.store.tables import DeadLetterRow

from .toy_services import READERS, HalfRead
from .toy_world import World
from .toys import ANN, LEFT, LEFT_HALF, REGIONS, envelope, outgoing

#: A subject of ANN's partition, and one of another.
BOB, EVE = f"{REGIONS[0]}/bob", f"{REGIONS[1]}/eve"


def changed(**fields: Any) -> Callable[[Event], bytes]:
    return lambda event: encode(structs.replace(event, **fields))


POISON: dict[str, Callable[[Event], bytes | None]] = {
    "null_record": lambda _event: None,
    "not_json": lambda event: encode(event)[:-1],
    "not_an_envelope": lambda _event: b'{"specversion": "1.0"}',
    "version_too_high": changed(sequence=encode_sequence(LARGEST_VERSION + 1)),
    "unknown_type": changed(type="halves.HalfDoubled"),
    "unknown_version": changed(dataschema="urn:makersync:schema:halves.left:2"),
    "wrong_key": changed(partitionkey=REGIONS[3]),
    "breaks_contract": changed(data={"subject": "ann", "value": "much"}),
    "wrong_subject": changed(data={"subject": "bob", "value": 1}),
}


def poison(reason: str = "not_json", key: str = ANN, version: int = 1, side: str = LEFT_HALF) -> Outgoing:
    """A record of the key that is unreadable for this reason."""
    good = outgoing(side, key, version)
    return replace(good, value=POISON[reason](envelope(side, key, version)))  # type: ignore[arg-type]


async def letters(world: World) -> list[DeadLetterRow]:
    async with world.store.reading() as session:
        return list((await session.exec(select(DeadLetterRow).order_by(col(DeadLetterRow.id)))).all())


async def statuses(world: World) -> list[str]:
    return [row.status for row in await letters(world)]


async def operator_says(world: World, status: str, place: int = 0) -> None:
    """Decides as `makersync dead-letters` does."""
    row = (await letters(world))[place]
    async with world.store.transaction() as session:
        assert await decide(session, world.clock, [row.id or 0], Decision(status, "olga"))  # type: ignore[arg-type]


def now_understood(loop: ConsumerLoop) -> None:
    """As after an upgrade: the consumer now knows the type `HalfDoubled`."""
    models: dict[str, type[Reading]] = {**READERS[LEFT.name].models, "HalfDoubled": HalfRead}
    readers = {**READERS, LEFT.name: Reader(LEFT, models)}
    loop._consumer = replace(loop._consumer, readers=readers)
    loop._partitions.setup = replace(loop._partitions.setup, consumer=loop._consumer)
    for held in loop.held.values():
        held._consumer = held._batch_reader._consumer = loop._consumer
