"""Reads a batch of records before it is processed: into understood events and records to set aside."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from makersync.broker.port import Record
from makersync.effects.consumer_port import Consumer, KnownSubject, PartitionWork
from makersync.effects.dead_letters import Poison, Subject, subject_of
from makersync.effects.reading import Reading, Received
from makersync.envelope import Unreadable
from makersync.store.database import Store

#: Larger batches are read in a thread, because they would block the event loop for too long.
READ_AT_ONCE = 64
OWNERS = ("employer_id", "provider_id")

Verdict = Received[Reading] | Poison


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """One verdict for each record, in order.

    `news` holds the positions of events that are newer than everything the consumer knew about their subject, for the subjects
    that were looked up.
    """

    verdicts: Sequence[Verdict]
    news: frozenset[int] = frozenset()

    @property
    def batch(self) -> list[Received[Reading]]:
        return [each for each in self.verdicts if isinstance(each, Received)]

    @property
    def poison(self) -> list[Poison]:
        return [each for each in self.verdicts if isinstance(each, Poison)]

    def without(self, places: frozenset[int]) -> "ReadBatch":
        kept = [place for place in range(len(self.verdicts)) if place not in places]
        news = frozenset(new for new, place in enumerate(kept) if place in self.news)
        return ReadBatch([self.verdicts[place] for place in kept], news)


class BatchReader:
    """Reads the records of one partition number and compares them with what its work knows."""

    def __init__(self, consumer: Consumer, work: PartitionWork, store: Store, partitions: int) -> None:
        self._consumer, self._work, self._store, self._partitions = consumer, work, store, partitions

    async def read(self, records: Sequence[Record], dead: Mapping[Subject, int]) -> ReadBatch:
        """`dead` maps the subjects that have open dead letters to their number. Raises DatabaseAway."""
        if len(records) > READ_AT_ONCE:
            verdicts = await asyncio.to_thread(self._read_all, records)
        else:
            verdicts = self._read_all(records)
        return await self._held_against_the_known(verdicts, dead)

    def _read_all(self, records: Sequence[Record]) -> list[Verdict]:
        return [self._read(record) for record in records]

    def _read(self, record: Record) -> Verdict:
        try:
            return self._consumer.readers[record.topic].read(record, self._partitions)
        except Unreadable as error:
            return Poison.of(record, error)

    async def _held_against_the_known(self, verdicts: list[Verdict], dead: Mapping[Subject, int]) -> ReadBatch:
        """An event must not give its subject another owner: that would end or expose somebody else's data."""
        suspect = dead.keys() | {subject_of(each.record) for each in verdicts if isinstance(each, Poison)}
        asked = [
            (place, each)
            for place, each in enumerate(verdicts)
            if isinstance(each, Received) and (owners_of(each) or subject_of(each.record) in suspect)
        ]
        if not asked:
            return ReadBatch(verdicts)
        known = dict(
            zip((place for place, _ in asked), await self._work.known(self._store, [each for _, each in asked]), strict=True)
        )
        latest: dict[Subject, KnownSubject] = {}
        news: set[int] = set()
        for place, received in asked:
            subject = subject_of(received.record)
            before = latest.get(subject, known[place])
            if (foreign := _foreign_owner(received, before)) is not None:
                verdicts[place] = Poison.of(received.record, foreign)
            elif received.event.version > before.version:
                news.add(place)
                latest[subject] = replace(
                    before, version=received.event.version, owners={**before.owners, **owners_of(received)}
                )
        return ReadBatch(verdicts, frozenset(news))


def owners_of(received: Received[Reading]) -> dict[str, str]:
    """The owners that the event names, as far as the reader model has them."""
    found = {name: getattr(received.data, name, None) for name in OWNERS}
    return {name: owner for name, owner in found.items() if owner is not None}


def _foreign_owner(received: Received[Reading], known: KnownSubject) -> Unreadable | None:
    for name, owner in owners_of(received).items():
        if known.owners.get(name, owner) != owner:
            return Unreadable("wrong_owner", f"the subject is known with another {name}")
    return None
