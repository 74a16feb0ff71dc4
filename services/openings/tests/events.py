"""Events of other services as this service receives them: as records that the consumer's own reader reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.topics import (
    CANDIDATE_MATCH,
    CATALOG,
    CATALOG_PARTITION_KEY,
    INTRODUCTION_ANSWER,
    PROVIDER,
    PROVIDER_PARTITION_KEY,
    REACH,
)
from makersync.broker.port import Record
from makersync.effects.consumer_port import Consumer, KnownSubject
from makersync.effects.fence import Standing
from makersync.effects.reading import Reading, Received
from makersync.envelope import Event, encode, encode_sequence
from makersync.runtime.service import Context
from makersync.topic import Topic, schema_name
from openings.bootstrap import definition

EARLIER = datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC)
REGION = "17410"
#: The region of the openings in `samples`, in which introductions to them are.
YORK_REGION = "49620"

#: Kind, subject, version, the event's data.
Sent = tuple[str, str, int, dict[str, Any]]


@dataclass
class Match:
    """The events of one pair. A test overrides the fields that it is about."""

    opening_id: str
    learner_id: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"{self.opening_id}/{self.learner_id}"

    def proposed(self, version: int, **changed: Any) -> Sent:
        return "MatchProposed", self.subject, version, self._state(changed)

    def revised(self, version: int, **changed: Any) -> Sent:
        return "MatchRevised", self.subject, version, self._state(changed)

    def withdrawn(self, version: int, reason: str, **behind: Any) -> Sent:
        ended = behind | {"reason": reason, "opening_version": 1, "policy_version": 1, "day": "2026-11-22"}
        return "MatchWithdrawn", self.subject, version, self._ids() | ended

    def _ids(self) -> dict[str, Any]:
        ids = {"opening_id": self.opening_id, "learner_id": self.learner_id}
        return ids | {"region": REGION, "employer_id": "emp_acme", "provider_id": "prv_york"}

    def _state(self, changed: dict[str, Any]) -> dict[str, Any]:
        said = {
            "score": 8000,
            "components": {"evidence": 10000},
            "groups": [{"id": "cnc", "met": True, "evidence": "verified", "awards": ["awd_1"]}],
            "seeking_since": "2026-10-01",
            "unknown": ["wage_floor"],
            "opening_version": 1,
            "learner_version": 4,
            "groups_digest": "g",
            "awards_digest": "a",
            "policy_version": 1,
            "day": "2026-11-22",
        }
        return self._ids() | said | self.facts | changed


@dataclass
class Answer:
    """The events of the learner's side of one introduction, as `GET /v1/introductions/{id}` shows it."""

    introduction: dict[str, Any]

    def accepted(self, version: int = 1) -> Sent:
        return self._sent("IntroductionAccepted", version, status="accepted")

    def declined(self, version: int = 1, reason: str = "timing") -> Sent:
        return self._sent("IntroductionDeclined", version, status="declined", reason=reason)

    def lapsed(self, version: int = 1) -> Sent:
        return self._sent("IntroductionLapsed", version, status="lapsed", answered_by="service")

    def ended(self, version: int, reason: str) -> Sent:
        return self._sent("IntroductionEnded", version, status="withdrawn", reason=reason, answered_by="service")

    def hire(self, version: int, said: str) -> Sent:
        kind = {"confirmed": "HireConfirmed", "disputed": "HireDisputed"}[said]
        return self._sent(kind, version, status="accepted", hire=said)

    def _sent(self, kind: str, version: int, **said: Any) -> Sent:
        ids = ("introduction_id", "opening_id", "learner_id", "employer_id", "provider_id")
        state = {name: self.introduction[name] for name in ids} | {"region": YORK_REGION, "provider_name": "York College"}
        at = "2026-11-22T09:30:00Z"
        return kind, state["introduction_id"], version, state | {"answered_by": "provider", "answered_at": at} | said


@dataclass
class Counted:
    """The counts of one opening or draft in York. A test overrides those that it is about."""

    subject_id: str
    employer_id: str = "emp_acme"

    def at(self, version: int, subject_version: int = 1, **changed: Any) -> Sent:
        counts = {
            "in_reach": counted(40),
            "pass_gates": counted(20),
            "qualified": counted(1, 5),
            "near_misses": counted(10),
            "lacking": [{"id": "cnc", "near_misses": counted(10)}],
            "held_back": [{"gate": "pay_conflict", "learners": counted(0, 1)}],
        }
        said = {"subject_version": subject_version, "policy_version": 1, "day": "2026-11-22", "as_of": "2026-11-22T08:59:58Z"}
        return "ReachCounted", self.subject_id, version, self._ids() | counts | said | changed

    def ended(self, version: int) -> Sent:
        return "ReachEnded", self.subject_id, version, self._ids()

    def _ids(self) -> dict[str, Any]:
        return {"subject_id": self.subject_id, "employer_id": self.employer_id, "region": YORK_REGION}


def counted(at_least: int, fewer_than: int | None = None) -> dict[str, int]:
    """A range, of five unless it is said."""
    return {"at_least": at_least, "fewer_than": at_least + 5 if fewer_than is None else fewer_than}


class Feed:
    """Hands batches to the consumers, each in a transaction like the consumer loop's."""

    def __init__(self, context: Context) -> None:
        self._context = context
        consumers = definition().consumers(context)
        self._by_topic = {topic: consumer for consumer in consumers for topic in consumer.topics}
        self._works = {consumer.name: consumer.work(0) for consumer in consumers}
        self._offset = 0
        self.origin: datetime | None = EARLIER
        self.time = EARLIER

    async def catalog(self, *sent: Sent) -> None:
        await self._deliver(CATALOG, CATALOG_PARTITION_KEY, tuple(_defined(*each) for each in sent))

    async def providers(self, *named: tuple[str, int, str]) -> None:
        """Id, version and name of each."""
        sent = tuple(("ProviderNamed", each, version, {"provider_id": each, "name": name}) for each, version, name in named)
        await self._deliver(PROVIDER, PROVIDER_PARTITION_KEY, sent)

    async def matches(self, *sent: Sent) -> None:
        """One batch."""
        await self._deliver(CANDIDATE_MATCH, REGION, sent)

    async def answers(self, *sent: Sent) -> None:
        """One batch."""
        await self._deliver(INTRODUCTION_ANSWER, YORK_REGION, sent)

    async def reach(self, *sent: Sent, region: str = YORK_REGION) -> None:
        """One batch of counts."""
        await self._deliver(REACH, region, sent)

    async def known_reach(self, *sent: Sent) -> Sequence[KnownSubject]:
        """What the consumer of counts knows about their subjects before they are written."""
        consumer = self._by_topic[REACH.name]
        batch = [self._received(consumer, REACH, YORK_REGION, each) for each in sent]
        return await consumer.work(0).known(self._context.store, batch)

    def nothing_waits(self) -> None:
        """From now on, events count as read when they arrive."""
        assert not any(work.due(Standing()) for work in self._works.values())

    def read_again_from_here(self) -> None:
        """The next records get the offsets of the first ones again."""
        self._offset = 0

    async def known(self, *sent: Sent) -> Sequence[KnownSubject]:
        """What the consumer of matches knows about the pairs of these events before they are written."""
        consumer = self._by_topic[CANDIDATE_MATCH.name]
        batch = [self._received(consumer, CANDIDATE_MATCH, REGION, each) for each in sent]
        return await consumer.work(0).known(self._context.store, batch)

    async def known_answers(self, *sent: Sent) -> Sequence[KnownSubject]:
        """What the consumer of answers knows about their introductions before they are written."""
        consumer = self._by_topic[INTRODUCTION_ANSWER.name]
        batch = [self._received(consumer, INTRODUCTION_ANSWER, YORK_REGION, each) for each in sent]
        return await consumer.work(0).known(self._context.store, batch)

    async def _deliver(self, topic: Topic, key: str, sent: tuple[Sent, ...]) -> None:
        consumer = self._by_topic[topic.name]
        work = self._works[consumer.name]
        prepared = await work.prepare([self._received(consumer, topic, key, each) for each in sent])
        async with self._context.store.transaction() as session:
            assert await work.write(session, prepared, Standing()) == Standing()

    def _received(self, consumer: Consumer, topic: Topic, key: str, sent: Sent) -> Received[Reading]:
        kind, subject, version, state = sent
        event = Event(
            id=f"{subject}-{version}",
            source="/makersync/test",
            type=f"{topic.owner}.{kind}",
            subject=subject,
            time=self.time,
            origintime=self.origin,
            dataschema=schema_name(topic),
            partitionkey=key,
            sequence=encode_sequence(version),
            data=state,
        )
        record = Record(topic.name, 0, self._offset, f"{key}/{subject}".encode(), encode(event), 0)
        self._offset += 1
        return consumer.readers[topic.name].read(record, partitions=1)


def _defined(kind: str, identifier: str, version: int, state: dict[str, Any]) -> Sent:
    """The subject of a definition begins with what it defines."""
    return kind, f"{'competency' if kind == 'CompetencyDefined' else 'credential'}/{identifier}", version, state
