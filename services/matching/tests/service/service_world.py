"""The world in which tests of the matching service take place."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import col, select

from contracts.topics import CATALOG, COHORT, DRAFT, LEARNER, OPENING, TOPICS
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing, TopicSpec
from makersync.clock import ManualClock
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.dead_letters import REQUESTED
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.envelope import Event, decode, encode, encode_sequence
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context, ServiceDefinition
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow, OutboxRow
from makersync.telemetry import create_metrics
from makersync.topic import Topic, partition_of, schema_name
from matching.bootstrap import definition
from tests.servers.applications import application
from tests.servers.tables import create_tables

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PEPPER = b"p" * 32
REGION, ZIP, NEIGHBOUR, FAR = "17410", "44113", "44114", "90001"
CREDENTIALS = ("nims:milling", "nims:turning", "osha:10")
MARKET_LOOP, CATALOG_LOOP = "matching.market", "matching.catalog"
PARTITIONS = 3
"""Fewer than a deployment has: each is loaded by every consumer of every world."""


@dataclass
class World:
    """`loops` are the consumers of each running instance."""

    context: Context
    broker: MemoryBroker
    definition: ServiceDefinition
    clock: ManualClock
    loops: list[ConsumerLoop] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    told: int = 0

    @property
    def store(self) -> Store:
        return self.context.store

    async def start(self, name: str = "matching-1", batch: int = 500) -> None:
        """A new process of the service, which reads batches of this many records."""
        owner = Owner(name, self.store, self.clock, self.context.metrics)
        consumers = self.definition.consumers(self.context)
        self.loops += [
            ConsumerLoop(
                each, self.broker, owner, KnownLog("log", self.context.settings.partitions), Pace(batch, fetch_wait_s=0.001)
            )
            for each in consumers
        ]

    async def stop(self) -> None:
        """Stop as in a crash: nothing is finished or handed over."""
        for loop in self.loops:
            if loop._member is not None:
                await loop._member.close()
        self.loops = []

    async def say(self, topic: Topic, kind: str, subject: str, data: dict[str, Any], version: int | None = None) -> Event:
        """An event of another service, at the subject's next version unless another is given."""
        region = data.get("region", "catalog")
        key = f"{region}/{subject}"
        version = version or self.versions.get(key, 0) + 1
        self.versions[key] = max(version, self.versions.get(key, 0))
        event = Event(
            id=str(uuid4()),
            source=f"/makersync/{topic.owner}",
            type=f"{topic.owner}.{kind}",
            subject=subject,
            time=self.clock.now(),
            dataschema=schema_name(topic),
            partitionkey=region,
            sequence=encode_sequence(version),
            data=data,
        )
        await self.put(topic, key, encode(event))
        return event

    async def put(self, topic: Topic, key: str, value: bytes) -> None:
        """A record, whatever it is."""
        number = partition_of(key.partition("/")[0], self.context.settings.partitions) if topic.by_region else 0
        producer = await self.broker.producer()
        await producer.publish([Outgoing(topic.name, number, key.encode(), value)], 1.0)
        await producer.close()

    async def opening(self, opening_id: str = "job", kind: str = "OpeningPublished", **changes: Any) -> Event:
        """An opening in Cleveland that asks for milling."""
        data = {
            "opening_id": opening_id,
            "employer_id": "works",
            "region": REGION,
            "title": "Machinist",
            "zip": NEIGHBOUR,
            "positions": 1,
            "groups": [{"id": "g", "necessity": "required", "any_of": [{"credential": CREDENTIALS[0]}]}],
            "status": "open",
        }
        return await self.say(OPENING, kind, opening_id, data | changes)

    async def opening_again(self, event: Event) -> None:
        """A second copy of an opening's event."""
        await self.put(OPENING, f"{event.partitionkey}/{event.subject}", encode(event))

    async def learner(
        self, learner_id: str = "ann", *awards: dict[str, Any], version: int | None = None, **changes: Any
    ) -> Event:
        """Someone in Cleveland who seeks and consents; without awards named, milling is held."""
        data = {
            "learner_id": learner_id,
            "provider_id": "college",
            "region": REGION,
            "zip": ZIP,
            "seeking": True,
            "consents_to_matching": True,
            "awards": list(awards) or [award(CREDENTIALS[0], award_id=f"{learner_id}-award")],
        }
        return await self.say(LEARNER, "LearnerRevised", learner_id, data | changes, version)

    async def gone(self, learner_id: str, kind: str) -> Event:
        return await self.say(LEARNER, kind, learner_id, {"learner_id": learner_id, "region": REGION})

    async def cohort(self, **changes: Any) -> Event:
        data = {
            "cohort_id": "class",
            "provider_id": "college",
            "credential": CREDENTIALS[0],
            "region": REGION,
            "seats": 10,
            "enrolled": 4,
            "starts_on": "2026-11-01",
            "ends_on": "2027-01-15",
        }
        return await self.say(COHORT, "CohortPlanned", "class", data | changes)

    async def draft(self, draft_id: str = "draft", **changes: Any) -> Event:
        """A draft in Cleveland that asks for milling."""
        data = {
            "draft_id": draft_id,
            "employer_id": "works",
            "region": REGION,
            "zip": NEIGHBOUR,
            "positions": 1,
            "groups": [{"id": "g", "necessity": "required", "any_of": [{"credential": CREDENTIALS[0]}]}],
        }
        return await self.say(DRAFT, "DraftSubmitted", draft_id, data | changes)

    async def draft_ends(self, draft_id: str = "draft", **changes: Any) -> Event:
        data = {"draft_id": draft_id, "employer_id": "works", "region": REGION}
        return await self.say(DRAFT, "DraftEnded", draft_id, data | changes)

    async def credential(self, credential: str, **changes: Any) -> Event:
        data = {"id": credential, "name": credential, "issuer": "Issuer"} | changes
        return await self.say(CATALOG, "CredentialDefined", f"credential/{credential}", data)

    async def settle(self) -> None:
        """Until nothing is left to do: everything read, nothing due, twice over."""
        quiet = 0
        while quiet < 3:
            for periodic in self.definition.periodic(self.context):
                await periodic.step()
            processed = [await loop.round() for loop in self.loops]
            due = any(held.due() for loop in self.loops for held in loop.held.values())
            self.pass_seconds(1)
            quiet = 0 if any(processed) or due else quiet + 1

    def pass_seconds(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))

    async def events(self) -> list[Event]:
        """What matching has published since the last look, in order."""
        async with self.store.reading() as session:
            query = select(OutboxRow).where(col(OutboxRow.id) > self.told).order_by(col(OutboxRow.id))
            rows = (await session.exec(query)).all()
        self.told = max([self.told, *(row.id or 0 for row in rows)])
        return [decode(row.payload) for row in rows]

    async def news(self) -> list[tuple[str, ...]]:
        """Settle, and name what matching publishes of matches: (kind, opening, learner[, reason])."""
        await self.settle()
        told = [event for event in await self.events() if "Match" in event.type]
        return [_named(event) for event in told]

    async def operator(self) -> httpx.AsyncClient:
        """A client with an operator's key."""
        async with self.store.transaction() as session:
            _, token = issue_key(session, PEPPER, self.clock, KeyGrant(None, "tests", [OPERATOR]))
        return self.caller(token)

    def caller(self, token: str = "") -> httpx.AsyncClient:
        wiring = Wiring(self.context.settings, self.store, self.clock, self.context.metrics, PEPPER)
        app = application(self.definition, self.context, wiring)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://matching", headers=headers)


def _named(event: Event) -> tuple[str, ...]:
    kind = event.type.rpartition(".Match")[2].lower()
    named = (kind, event.data["opening_id"], event.data["learner_id"])
    return (*named, event.data["reason"]) if kind == "withdrawn" else named


def award(credential: str, **changes: Any) -> dict[str, Any]:
    """In force since last year."""
    made = {
        "award_id": f"award-{credential}",
        "credential": credential,
        "status": "active",
        "issued_on": "2025-06-01",
        "evidence": "verified",
    }
    return made | changes


async def open_world(database_url: str, clock: ManualClock, folder: Path) -> World:
    store = Store(database_url)
    service = definition()
    await create_tables(store, service.metadata)
    settings = Settings(state_folder=folder, partitions=PARTITIONS)
    broker = MemoryBroker(clock)
    await broker.create_topics([TopicSpec(each.name, settings.partitions if each.by_region else 1) for each in TOPICS])
    context = Context(settings, store, clock, Outbox("/makersync/matching", clock, settings.partitions), create_metrics())
    world = World(context, broker, service, clock)
    for credential in CREDENTIALS:
        await world.credential(credential)
    await world.start()
    await world.settle()
    return world


async def replayed(world: World, monkeypatch: pytest.MonkeyPatch, topic: Topic, said: Awaitable[Event]) -> None:
    """The event was set aside once, and an operator has asked for it to be read again."""

    async def set_aside(_topic: Topic, key: str, value: bytes) -> None:
        consumer, number = (MARKET_LOOP, partition_of(REGION, PARTITIONS)) if topic.by_region else (CATALOG_LOOP, 0)
        letter = DeadLetterRow(
            consumer=consumer,
            log_id="log",
            topic=topic.name,
            partition=number,
            offset=0,
            key=key.encode(),
            payload=value,
            reason="breaks_contract",
            detail="",
            status=REQUESTED,
            seen_at=world.clock.now(),
        )
        async with world.store.transaction() as session:
            session.add(letter)

    with monkeypatch.context() as patched:
        patched.setattr(world, "put", set_aside)
        await said


def names(events: Sequence[Event]) -> list[str]:
    return [event.type.rpartition(".")[2] for event in events]
