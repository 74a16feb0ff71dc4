"""A service's store held against its own topics: where the two say different things (DESIGN, exactly-once effects, 10).

What a store says is the newest outbox row of each key: it was written with the state that it tells of, and dumped with it.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, func, tuple_
from sqlmodel import select

from makersync.broker.port import Broker, Record
from makersync.effects.agreement import noted
from makersync.effects.log_reading import KeyLog, LogReading, Progress, own_readers, read_log
from makersync.effects.own_topics import Key
from makersync.effects.reading import Reading, Received
from makersync.envelope import LARGEST_VERSION, SealedEvent, decode_sealed
from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import OutboxRow
from makersync.topic import Topic

OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
PAGE = 2000
#: Topic and subject.
Subject = tuple[str, str]


class NotReconciled(OperatorError):
    """Nothing can be done for a subject; the message says why. The others go on."""


class Divergence(StrEnum):
    """How the log differs from the store, the gravest first."""

    ENDED = "ended for good in the log"
    OTHER_EVENT = "same version, another event"
    LOG_NEWER = "the log is newer"
    ONLY_IN_LOG = "only in the log"
    FOREIGN = "a version above that cannot be read"
    UNREADABLE = "only in the log, and cannot be read"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest outbox row of a key."""

    version: int
    payload: bytes
    published: bool

    @property
    def event(self) -> SealedEvent:
        return decode_sealed(self.payload)


@dataclass(frozen=True, slots=True)
class KeyCase:
    """One key of a subject: what the log and what the store says. `region` is the first half of the key."""

    key: str
    log: KeyLog
    head: Head | None
    logged: Received[Reading] | None

    @property
    def region(self) -> str:
        return self.key.partition("/")[0]

    @property
    def is_void(self) -> bool:
        """Whether neither can say what it is about, although the log tells a version of it, or did."""
        return self.logged is None and self.head is None

    @property
    def log_leads(self) -> bool:
        """Whether the log says something of this key that the store does not know."""
        if self.logged is None:
            return False
        if self.head is None or self.log.version > self.head.version:
            return True
        return self.log.version == self.head.version and self.logged.event.id != self.head.event.id

    @property
    def says_the_same(self) -> bool:
        """Whether store and log tell the same state at the same version, if by two events."""
        if self.logged is None or self.head is None or not self.log.is_sound:
            return False
        a, b = self.logged.event, self.head.event
        return (a.sequence, a.type, bytes(memoryview(a.data))) == (b.sequence, b.type, bytes(memoryview(b.data)))


@dataclass(frozen=True, slots=True)
class Case:
    """A subject of which store and log say different things, with all its keys."""

    topic: str
    subject: str
    difference: Divergence
    keys: tuple[KeyCase, ...]
    final_types: frozenset[str]

    @property
    def floor(self) -> int:
        """The highest version that anybody has told."""
        return max(max(each.log.told, 0 if each.head is None else each.head.version) for each in self.keys)

    @property
    def next_version(self) -> int:
        """Raises NotReconciled where there is none."""
        if self.floor >= LARGEST_VERSION:
            raise NotReconciled("there is no version above the log's: delete that record from the topic first")
        return self.floor + 1

    @property
    def must_rise(self) -> bool:
        """Whether the log itself says two things, so that only a version above all others settles it."""
        return any(each.log.told > 0 and not each.log.is_sound for each in self.keys)

    @property
    def says_the_same(self) -> bool:
        """Whether no reader could tell store and log apart, as where a lost store has seeded what it had seeded before."""
        return self.difference is Divergence.OTHER_EVENT and all(each.says_the_same for each in self.keys)

    @property
    def is_void(self) -> bool:
        """Whether nobody knows of such a subject: there is nothing to tell of it, and nothing to take."""
        return all(each.is_void for each in self.keys)

    @property
    def log_leads(self) -> bool:
        return any(each.log_leads for each in self.keys)

    @property
    def logged(self) -> tuple[Received[Reading], ...]:
        """What the log says of each key, where it can be read."""
        return tuple(each.logged for each in self.keys if each.logged is not None)

    @property
    def stored(self) -> SealedEvent | None:
        """The newest event that the store holds."""
        heads = [each.head for each in self.keys if each.head is not None]
        return max(heads, key=lambda head: head.version).event if heads else None

    @property
    def has_ended(self) -> bool:
        """Whether log or store know that the subject has ended for good."""
        heads = (each.head for each in self.keys if each.head is not None)
        return any(each.log.final is not None for each in self.keys) or any(h.event.type in self.final_types for h in heads)


@dataclass(frozen=True, slots=True)
class Divergences:
    """`unreadable` counts keys of which the log does not even tell a version, and the store nothing at all: nobody took
    anything from them, and there is nothing to take."""

    cases: tuple[Case, ...]
    keys: int
    unreadable: int


async def find_divergences(
    store: Store,
    broker: Broker,
    topics: Sequence[Topic],
    partitions: int,
    final_types: Collection[str] = (),
    progress: Progress | None = None,
) -> Divergences:
    """Read the topics to their end and hold the store against them. `partitions` is how many every topic by region has;
    `final_types` are those that end a subject for good."""
    log = await read_log(broker, own_readers(topics), partitions, final_types, progress)
    await take_noted(store, log)
    differences, known = await _differences(store, log, frozenset(final_types))
    unreadable = sum(told.told == 0 and key not in known for key, told in log.keys.items())
    cases = await _cases(store, log, differences, frozenset(final_types))
    return Divergences(tuple(cases), len(log.keys), unreadable)


async def take_noted(store: Store, log: LogReading) -> None:
    """What the service has noted to be ahead of its store counts as told, whether or not the log shows it still."""
    async with store.reading() as session:
        for row in await noted(session):
            if row.topic in log.readers:
                log.note(row.topic, row.key, row.version, row.event_id)


async def heads(store: Store, wanted: Callable[[Key], bool] = lambda _key: True) -> AsyncIterator[tuple[Key, Head]]:
    """The newest row of every key, by topic and key."""
    after = ("", "")
    while rows := await _page(store, after):
        for topic, key, version, payload, published_at in rows:
            if wanted((topic, key)):
                yield (topic, key), Head(version, payload, published_at is not None)
        after = (rows[-1][0], rows[-1][1])


async def _page(store: Store, after: Key) -> Sequence[Any]:
    newest = (
        select(func.max(OUTBOX.c.id))
        .where(tuple_(OUTBOX.c.topic, OUTBOX.c.key) > after)
        .group_by(OUTBOX.c.topic, OUTBOX.c.key)
        .order_by(OUTBOX.c.topic, OUTBOX.c.key)
        .limit(PAGE)
    )
    columns = (OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.version, OUTBOX.c.payload, OUTBOX.c.published_at)
    query = select(*columns).where(OUTBOX.c.id.in_(newest)).order_by(OUTBOX.c.topic, OUTBOX.c.key)  # type: ignore[call-overload]
    async with store.reading() as session:
        rows: Sequence[Any] = (await session.exec(query)).all()
    return rows


async def _differences(store: Store, log: LogReading, final: frozenset[str]) -> tuple[dict[Subject, Divergence], set[Key]]:
    found: dict[Subject, Divergence] = {}
    known: set[Key] = set()

    def note(key: Key, difference: Divergence | None) -> None:
        if difference is not None:
            subject = subject_of(key)
            found[subject] = min(found.get(subject, difference), difference, key=list(Divergence).index)

    async for key, head in heads(store):
        known.add(key)
        told = log.keys.get(key)
        note(key, None if told is None else _judged(log, told, head, final))
    for key, told in log.keys.items():
        if key not in known:
            note(key, _only_in_log(told))
    return found, known


def _only_in_log(told: KeyLog) -> Divergence | None:
    if told.newest is None:
        return Divergence.UNREADABLE if told.told else None
    return Divergence.ENDED if told.final is not None else Divergence.ONLY_IN_LOG


def _judged(log: LogReading, told: KeyLog, head: Head, final: frozenset[str]) -> Divergence | None:
    if told.final is not None and head.event.type not in final:
        return Divergence.ENDED
    if told.told > head.version:
        return Divergence.LOG_NEWER if told.version == told.told else Divergence.FOREIGN
    if told.newest is None or told.version != head.version:
        return None
    agree = not told.contradicted and log.read(told.newest).event.id == head.event.id
    return None if agree else Divergence.OTHER_EVENT


async def _cases(store: Store, log: LogReading, differences: Mapping[Subject, Divergence], final: frozenset[str]) -> list[Case]:
    if not differences:
        return []
    keys: dict[Subject, dict[str, Head | None]] = {subject: {} for subject in differences}
    for topic, key in log.keys:
        if (subject := subject_of((topic, key))) in keys:
            keys[subject][key] = None
    async for (topic, key), head in heads(store, lambda each: subject_of(each) in keys):
        keys[subject_of((topic, key))][key] = head
    return [
        Case(*subject, difference, tuple(_key_case(log, subject[0], *each) for each in sorted(keys[subject].items())), final)
        for subject, difference in sorted(differences.items())
    ]


def _key_case(log: LogReading, topic: str, key: str, head: Head | None) -> KeyCase:
    told = log.keys.get((topic, key)) or KeyLog()
    newest: Record | None = told.newest
    return KeyCase(key, told, head, None if newest is None else log.read(newest))


def subject_of(key: Key) -> Subject:
    """A key is `<partition key>/<subject>`."""
    return key[0], key[1].partition("/")[2]
