"""A lost matching database, rebuilt from the topics, its own included (DESIGN, exactly-once effects, 8).

Pair, cell and pathway versions come first, from what this service has published; then the newest state of every subject.
Nothing is evaluated here: the fence rows say that the results stand on no catalog, so that the service evaluates when it
starts, and publishes only what differs from what the topics already say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Record, TopicPartition
from makersync.clock import Clock
from makersync.contracts.topics import CANDIDATE_MATCH, CATALOG, COHORT, LEARNER, OPENING, PATHWAY, SKILL_SHORTAGE
from makersync.effects.dead_letters import DeadLetters, Poison
from makersync.effects.reading import Reader, Reading, Received
from makersync.envelope import Event, Unreadable, decode
from makersync.errors import OperatorError
from makersync.store.database import Store, upsert
from makersync.store.tables import FenceRow, OutboxRow
from matching.adapters.market_view import MARKET_CONSUMER
from matching.adapters.pathways import pathway_row, told_record
from matching.adapters.readers import CATALOG_READER, COHORT_READER, LEARNER_READER, OPENING_READER
from matching.adapters.repository import subject_row, taken_of
from matching.adapters.rules_copy import CATALOG_CONSUMER
from matching.adapters.tables import CatalogRow, CellRow, MatchRow, PathwayRow, SubjectRow

OWN = (CANDIDATE_MATCH.name, SKILL_SHORTAGE.name, PATHWAY.name)
READERS: dict[str, Reader] = {
    OPENING.name: OPENING_READER,
    LEARNER.name: LEARNER_READER,
    COHORT.name: COHORT_READER,
    CATALOG.name: CATALOG_READER,
}
#: The results stand on no catalog: the first look at the real one evaluates everything.
NO_CATALOG = -1
CHUNK = 1000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Newest:
    """The newest record of each key, the records that cannot be read, and how far each partition was read."""

    records: dict[tuple[str, bytes], tuple[Record, Event]] = field(default_factory=dict)
    poison: list[Poison] = field(default_factory=list)
    positions: dict[TopicPartition, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        try:
            event = decode(record.value)
        except Unreadable as error:
            self.poison.append(Poison.of(record, error))
            return
        key = (record.topic, record.key or b"")
        known = self.records.get(key)
        if known is None or event.version > known[1].version:
            self.records[key] = (record, event)

    def of(self, topic: str) -> list[tuple[Record, Event]]:
        return [each for (name, _), each in sorted(self.records.items()) if name == topic]


async def require_empty(store: Store) -> None:
    """Raises OperatorError when the database holds a market: rebuilding is for one that was lost."""
    async with store.reading() as session:
        counts = [(await session.exec(select(func.count()).select_from(table))).one() for table in (SubjectRow, MatchRow)]
    if any(counts):
        raise OperatorError(
            "The matching database is not empty. Rebuilding is for one that was lost: stop every matching process and "
            "migrate an empty database first."
        )


async def read_topics(broker: Broker, progress: Progress) -> Newest:
    """Everything that the topics hold now; `progress` is told (records read, records in all)."""
    topics = [*OWN, *READERS]
    bounds = await broker.bounds(topics)
    total = sum(end - start for start, end in bounds.values())
    newest, count = Newest(), 0
    tail = await broker.tail(topics)
    try:
        while any(tail.position(at) < end for at, (_, end) in bounds.items()):
            for records in (await tail.fetch(5000, 1.0)).values():
                for record in records:
                    newest.add(record)
                count += len(records)
            progress(min(count, total), total)
        newest.positions = {at: tail.position(at) for at in bounds}
    finally:
        await tail.close()
    return newest


async def write_market(store: Store, clock: Clock, newest: Newest, log_id: str) -> int:
    """Write everything in one transaction; returns the number of subjects, pairs, cells and pathways."""
    understood, poison = _understand(newest)
    async with store.transaction() as session:
        rows = await _write_own(session, clock, newest)
        catalog = [_catalog_row(each) for each in understood if each.record.topic == CATALOG.name]
        subjects = [_subject(each) for each in understood if each.record.topic != CATALOG.name]
        await _insert(session, CatalogRow, catalog, ["subject"])
        await _insert(session, SubjectRow, subjects, ["kind", "region", "subject_id"])
        await upsert(session, FenceRow, _fences(newest), ["consumer", "partition"])
        for consumer, letters in _by_consumer([*newest.poison, *poison]).items():
            await DeadLetters(consumer, log_id, clock).set_aside(session, letters)
    return rows + len(subjects)


def _understand(newest: Newest) -> tuple[list[Received[Reading]], list[Poison]]:
    understood: list[Received[Reading]] = []
    poison: list[Poison] = []
    for topic, reader in READERS.items():
        for record, _event in newest.of(topic):
            try:
                understood.append(reader.read(record))
            except Unreadable as error:
                poison.append(Poison.of(record, error))
    return understood, poison


async def _write_own(session: AsyncSession, clock: Clock, newest: Newest) -> int:
    matches = [_match_row(record, event) for record, event in newest.of(CANDIDATE_MATCH.name)]
    cells = [_cell_row(record, event, clock.today()) for record, event in newest.of(SKILL_SHORTAGE.name)]
    pathways = [
        pathway_row(record.partition, event.data["region"], told_record(event.version, event.data))
        for record, event in newest.of(PATHWAY.name)
    ]
    heads = [_head(record, event, clock) for topic in OWN for record, event in newest.of(topic)]
    await _insert(session, MatchRow, matches, ["opening_id", "learner_id"])
    await _insert(session, CellRow, cells, ["region", "subject"])
    await _insert(session, PathwayRow, pathways, ["region", "learner_id"])
    await _insert(session, OutboxRow, heads, ["topic", "key", "version"])
    return len(matches) + len(cells) + len(pathways)


async def _insert(session: AsyncSession, table: type, rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> None:
    for start in range(0, len(rows), CHUNK):
        await upsert(session, table, rows[start : start + CHUNK], keys)


def _match_row(record: Record, event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "opening_id": data["opening_id"],
        "learner_id": data["learner_id"],
        "region": data["region"],
        "partition": record.partition,
        "version": event.version,
        "live": not event.type.endswith("MatchWithdrawn"),
        "employer_id": data["employer_id"],
        "provider_id": data["provider_id"],
        "document": data,
    }


def _cell_row(record: Record, event: Event, today: date) -> dict[str, Any]:
    """A signal of an earlier day has become yesterday's level by now."""
    data = event.data
    measured = ("demand", "openings", "employers", "supply", "supply_home", "pipeline", "blocked", "tightness")
    signal = {
        "version": event.version,
        "kind": event.type.rpartition(".Shortage")[2].lower(),
        "level": data["level"],
        "measure": {name: data[name] for name in measured} | {"top_credentials": data.get("top_credentials", [])},
        "policy_version": data["policy_version"],
        "day": data["day"],
    }
    passed = date.fromisoformat(data["day"]) < today and data["level"] != "insufficient_data"
    return {
        "region": data["region"],
        "subject": data["subject"],
        "partition": record.partition,
        "level": data["level"],
        "previous_level": data["level"] if passed else data.get("previous_level"),
        "version": event.version,
        "signal": signal,
    }


def _head(record: Record, event: Event, clock: Clock) -> dict[str, Any]:
    """What was published last of a key: the outbox again holds what the log must end with."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "key": (record.key or b"").decode(),
        "version": event.version,
        "payload": record.value,
        "published_at": clock.now(),
    }


def _catalog_row(received: Received[Reading]) -> dict[str, Any]:
    event = received.event
    return {"subject": event.subject, "version": event.version, "document": event.data}


def _subject(received: Received[Reading]) -> dict[str, Any]:
    return subject_row(received.record.partition, taken_of(received))


def _fences(newest: Newest) -> list[dict[str, Any]]:
    offsets: dict[tuple[str, int], dict[str, int]] = {}
    for at, position in newest.positions.items():
        if at.topic in READERS:
            consumer = CATALOG_CONSUMER if at.topic == CATALOG.name else MARKET_CONSUMER
            offsets.setdefault((consumer, at.partition), {})[at.topic] = position
    stands_on = {"epoch": 1, "owner": "rebuild", "catalog_offset": NO_CATALOG, "day": None, "policy_version": 0}
    return [{"consumer": name, "partition": n, "offsets": read, **stands_on} for (name, n), read in sorted(offsets.items())]


def _by_consumer(poison: Sequence[Poison]) -> dict[str, list[Poison]]:
    consumers: dict[str, list[Poison]] = {}
    for each in poison:
        if each.record.topic in READERS:
            consumer = CATALOG_CONSUMER if each.record.topic == CATALOG.name else MARKET_CONSUMER
            consumers.setdefault(consumer, []).append(each)
    return consumers
