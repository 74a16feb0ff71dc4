"""Whatever a record says, it is worked on or set aside by its reader; what comes after it goes on."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from contracts.topics import BY_NAME, TOPICS
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import TopicSpec
from makersync.clock import ManualClock
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.isolation import HANDLER_FAILED
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.envelope import encode
from makersync.runtime.documents import installed_services
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow
from makersync.telemetry import create_metrics
from makersync.topic import Topic

from .values import examples, outgoing, texts

SERVICES = sorted(installed_services())
NOON = examples(BY_NAME["openings.opening.v1"])[0].time
PARTITIONS = 2
#: Nothing is to halt here: each record is judged for itself.
PACE = Pace(batch_records=200, fetch_wait_s=0.0, replay_poll_s=3600.0, dead_letter_limit=10**9)
IN_ONE_GO = 400
SEED = 20261129


class Running:
    """A service's consumers on a broker in memory."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.clock, self.broker = ManualClock(NOON), MemoryBroker()
        self._definition = installed_services()[name]
        configured = Settings(state_folder=folder, partitions=PARTITIONS)
        self.store = Store(url)
        outbox = Outbox(f"/makersync/{name}", self.clock, PARTITIONS)
        self._context = Context(configured, self.store, self.clock, outbox, create_metrics())
        self.loops: list[ConsumerLoop] = []
        self.version = 100

    async def start(self) -> None:
        async with self.store.engine.begin() as connection:
            for metadata in self._definition.metadata:
                await connection.run_sync(metadata.create_all)
        await self.broker.create_topics([TopicSpec(each.name, PARTITIONS if each.by_region else 1) for each in TOPICS])
        owner = Owner("one", self.store, self.clock, self._context.metrics)
        for consumer in self._definition.consumers(self._context):
            self.loops.append(ConsumerLoop(consumer, self.broker, owner, KnownLog("log", PARTITIONS), PACE))

    @property
    def topics(self) -> list[Topic]:
        return [BY_NAME[name] for loop in self.loops for name in loop._consumer.topics]

    def write_valid(self) -> None:
        """The newest version of every subject."""
        self.version += 1
        for topic in self.topics:
            self.broker.append([outgoing(topic, event, self.version, PARTITIONS) for event in examples(topic)])

    async def work(self) -> None:
        quiet = 0
        while quiet < 2:
            processed = [await loop.round() for loop in self.loops]
            quiet = 0 if any(processed) else quiet + 1

    async def demand_going_on(self) -> None:
        """Nothing stands still, no handler failed, all was read, and what came last was worked on."""
        assert [told for loop in self.loops for told in loop.standing_still] == []
        place = (DeadLetterRow.topic, DeadLetterRow.partition, DeadLetterRow.offset)
        query = select(*place, DeadLetterRow.reason)
        async with self.store.reading() as session:
            letters = (await session.exec(query)).all()
        assert [each for each in letters if each[3] == HANDLER_FAILED] == []
        for loop in self.loops:
            for number, held in loop.held.items():
                for topic, offset in held.hold.offsets.items():
                    last = max(each.offset for each in self.broker.records(topic) if each.partition == number)
                    assert offset == last + 1
                    assert [each for each in letters if each[:3] == (topic, number, last)] == []


@pytest.fixture(params=SERVICES)
async def running(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    service = Running(request.param, database_url, tmp_path)
    await service.start()
    service.write_valid()
    await service.work()
    yield service
    await service.store.close()


async def test_no_value_in_no_place_keeps_what_comes_after_it(running: Running) -> None:
    """Guards: a record that passes the reader and breaks behind it halted its partition, or ended the process at each start."""
    random, waiting = Random(SEED), 0
    for topic in running.topics:
        for event in examples(topic):
            whole = json.loads(encode(event))
            for path, text in texts(whole, random):
                running.version += 1
                if path != ("sequence",):
                    text = text.replace(json.dumps(whole["sequence"]), f'"{running.version:019}"')
                running.broker.append([outgoing(topic, event, running.version, PARTITIONS, text)])
                waiting += 1
                if waiting % IN_ONE_GO == 0:
                    await running.work()
    running.write_valid()
    await running.work()
    await running.demand_going_on()
