"""Finds the subjects on which a service's store and its own topics differ (DESIGN, exactly-once effects, 10).

The store's side is the newest outbox row of each key: it was committed together with the state that it describes, so a backup
contains both or neither.
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
    """This subject cannot be reconciled; the message says why. Other subjects are not affected."""


class Divergence(StrEnum):
    """How the log differs from the store, most serious first."""

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
    """One key of a subject, as the log and the store have it. `logged` is the newest readable event in the log."""

    key: str
    log: KeyLog
    head: Head | None
    logged: Received[Reading] | None

    @property
    def region(self) -> str:
        return self.key.partition("/")[0]

    @property
    def is_void(self) -> bool:
        """Whether neither side has a readable event of the key, although the log holds or held a version of it."""
        return self.logged is None and self.head is None

    @property
    def log_leads(self) -> bool:
        """Whether the log has an event of this key that the store does not know."""
        if self.logged is None:
            return False
        if self.head is None or self.log.version > self.head.version:
            return True
        return self.log.version == self.head.version and self.logged.event.id != self.head.event.id

    @property
    def says_the_same(self) -> bool:
        """Whether store and log hold the same state at the same version, even if in two different events."""
        if self.logged is None or self.head is None or not self.log.is_sound:
            return False
        a, b = self.logged.event, self.head.event
        return (a.sequence, a.type, bytes(memoryview(a.data))) == (b.sequence, b.type, bytes(memoryview(b.data)))


@dataclass(frozen=True, slots=True)
class Case:
    """A subject on which store and log differ, with all its keys."""

    topic: str
    subject: str
    difference: Divergence
    keys: tuple[KeyCase, ...]
    final_types: frozenset[str]

    @property
    def floor(self) -> int:
        """The highest version of the subject in either the log or the store."""
        return max(max(each.log.highest_version, 0 if each.head is None else each.head.version) for each in self.keys)

    @property
    def next_version(self) -> int:
        """The version for the next event. Raises NotReconciled if `floor` is the largest version already."""
        if self.floor >= LARGEST_VERSION:
            raise NotReconciled("there is no version above the log's: delete that record from the topic first")
        return self.floor + 1

    @property
    def must_rise(self) -> bool:
        """Whether the log contradicts itself, so that only a version above all others settles the subject."""
        return any(each.log.highest_version > 0 and not each.log.is_sound for each in self.keys)

    @property
    def says_the_same(self) -> bool:
        """Whether readers cannot tell store and log apart, as after a lost store was seeded with the same data again."""
        return self.difference is Divergence.OTHER_EVENT and all(each.says_the_same for each in self.keys)

    @property
    def is_void(self) -> bool:
        """Whether no readable event of the subject exists on either side: nothing can be published or adopted."""
        return all(each.is_void for each in self.keys)

    @property
    def log_leads(self) -> bool:
        return any(each.log_leads for each in self.keys)

    @property
    def logged(self) -> tuple[Received[Reading], ...]:
        """The newest readable event of each key in the log."""
        return tuple(each.logged for each in self.keys if each.logged is not None)

    @property
    def stored(self) -> SealedEvent | None:
        """The newest event that the store holds."""
        heads = [each.head for each in self.keys if each.head is not None]
        return max(heads, key=lambda head: head.version).event if heads else None

    @property
    def has_ended(self) -> bool:
        """Whether the log or the store knows that the subject has ended for good."""
        heads = (each.head for each in self.keys if each.head is not None)
        return any(each.log.final is not None for each in self.keys) or any(h.event.type in self.final_types for h in heads)


@dataclass(frozen=True, slots=True)
class Divergences:
    """The result of a comparison. `unreadable` counts keys unknown to the store whose records do not even show a version: no
    reader took anything from them, and nothing can be adopted."""

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
    """Read the topics to their end and compare the store with them.

    `partitions` is the number of partitions of every topic by region; `final_types` are the event types that end a subject for
    good.
    """
    log = await read_log(broker, own_readers(topics), partitions, final_types, progress)
    await take_noted(store, log)
    differences, known = await _differences(store, log, frozenset(final_types))
    unreadable = sum(logged.highest_version == 0 and key not in known for key, logged in log.keys.items())
    cases = await _cases(store, log, differences, frozenset(final_types))
    return Divergences(tuple(cases), len(log.keys), unreadable)


async def take_noted(store: Store, log: LogReading) -> None:
    """Add the versions that were noted as ahead of the store to the reading, even if the log has been compacted since."""
    async with store.reading() as session:
        for row in await noted(session):
            if row.topic in log.readers:
                log.note(row.topic, row.key, row.version, row.event_id)


async def heads(store: Store, wanted: Callable[[Key], bool] = lambda _key: True) -> AsyncIterator[tuple[Key, Head]]:
    """The newest outbox row of every key, ordered by topic and key."""
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
        logged = log.keys.get(key)
        note(key, None if logged is None else _judged(log, logged, head, final))
    for key, logged in log.keys.items():
        if key not in known:
            note(key, _only_in_log(logged))
    return found, known


def _only_in_log(logged: KeyLog) -> Divergence | None:
    if logged.newest is None:
        return Divergence.UNREADABLE if logged.highest_version else None
    return Divergence.ENDED if logged.final is not None else Divergence.ONLY_IN_LOG


def _judged(log: LogReading, logged: KeyLog, head: Head, final: frozenset[str]) -> Divergence | None:
    if logged.final is not None and head.event.type not in final:
        return Divergence.ENDED
    if logged.highest_version > head.version:
        return Divergence.LOG_NEWER if logged.version == logged.highest_version else Divergence.FOREIGN
    if logged.newest is None or logged.version != head.version:
        return None
    agree = not logged.contradicted and log.read(logged.newest).event.id == head.event.id
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
    logged = log.keys.get((topic, key)) or KeyLog()
    newest: Record | None = logged.newest
    return KeyCase(key, logged, head, None if newest is None else log.read(newest))


def subject_of(key: Key) -> Subject:
    """Record keys have the form `<partition key>/<subject>`."""
    return key[0], key[1].partition("/")[2]
