"""Measures 2 and 4: one matching process on a large market of one region, and how soon it answers again after a restart."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import islice

import aiokafka
import orjson
from aiokafka import AIOKafkaConsumer

from contracts.topics import LEARNER
from demo.market.drafts import LearnerDraft
from makersync.broker.port import Outgoing
from makersync.effects.pace import Pace
from tests.performance.bulk import Records
from tests.performance.consuming import POLL_MS
from tests.performance.figures import Figure, ratio
from tests.performance.kernel import PLAYERS
from tests.performance.markets import PARTITION, REGION, local_openings, measured_market
from tests.performance.mix import LearnerEvent, LearnerMix
from tests.performance.people import experienced
from tests.performance.printing import Told
from tests.performance.serving import LOOK_S, Serving, opened_serving
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.waiting import until

MEASURE, RESTART = "service", "restart"
UNIT = "events/s"
LOAD_S, ROUND_S = 3600.0, 600.0
RESTARTS = 3
#: A round that is not measured: after it every path is warm.
WARM_UP = 500


async def measure_service(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    openings, learners = sizes.service_openings, sizes.service_learners
    about = f"{stage.profile}: service, {learners:,} learners and {openings:,} openings"
    market = measured_market(openings, learners)
    records, players = Records(market), list[LearnerDraft]()

    def registrations() -> Iterator[Outgoing]:
        for draft in market.learners():
            full = experienced(market, draft)
            if len(players) < PLAYERS:
                players.append(full)
            yield records.learner_in(REGION, LearnerEvent("LearnerRegistered", full, 1))

    async with opened_serving(stage, stage.folder / "service", market, told) as serving:
        told(f"{about}: publishing")
        await serving.publish(records.opening(draft) for draft in local_openings(market, openings))
        await serving.publish(registrations())
        begun = time.perf_counter()
        await serving.start()
        await serving.await_all(f"{about}: taking all of it in", LOAD_S)
        loaded = (openings + learners) / (time.perf_counter() - begun)
        events = (records.learner_in(REGION, event) for event in LearnerMix(market, players).events())
        ours, bare = await _rounds(serving, events, sizes, about)
        restarts = [await _restart(serving, next(events), about) for _ in range(min(RESTARTS, sizes.rounds))]
    figures = [
        Figure(MEASURE, "bare aiokafka loop: parse JSON, count", UNIT, tuple(bare)),
        Figure(MEASURE, "learner events, durable and exact", UNIT, tuple(ours)),
    ]
    return [
        Figure(MEASURE, "take in everything, from the process's start", UNIT, (loaded,)),
        *figures,
        ratio(MEASURE, "service / bare", figures[1], figures[0]),
        Figure(RESTART, "process start to first settled batch", "s", tuple(started for started, _ in restarts)),
        Figure(RESTART, "partition taken to first settled batch", "s", tuple(taken for _, taken in restarts)),
    ]


async def _rounds(serving: Serving, events: Iterator[Outgoing], sizes: Sizes, about: str) -> tuple[list[float], list[float]]:
    """Both take the same records, in turn."""
    ours: list[float] = []
    bare: list[float] = []
    await serving.timed(list(islice(events, min(WARM_UP, sizes.service_events))), f"{about}: warming up", ROUND_S)
    for number in range(sizes.rounds):
        batch = list(islice(events, sizes.service_events))
        first = serving.sent[LEARNER.name, PARTITION]
        ours.append(len(batch) / await serving.timed(batch, f"{about}: round {number + 1} of {sizes.rounds}", ROUND_S))
        bare.append(len(batch) / await _bare_round(serving.stage, first, len(batch)))
    return ours, bare


async def _bare_round(stage: Stage, first: int, count: int) -> float:
    """Seconds that the simplest loop takes for the same records."""
    partition = aiokafka.TopicPartition(LEARNER.name, PARTITION)
    consumer = AIOKafkaConsumer(bootstrap_servers=stage.log.address, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        consumer.seek(partition, first)
        begun, read = time.perf_counter(), 0
        while read < count:
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=Pace().batch_records)
            read += len([orjson.loads(record.value) for records in fetched.values() for record in records])
        return time.perf_counter() - begun
    finally:
        await consumer.stop()


async def _restart(serving: Serving, event: Outgoing, about: str) -> tuple[float, float]:
    """Until an event that came meanwhile is settled and stored: from the start of the process, and from the moment that it
    takes the partition, before it loads what is stored."""
    await serving.stop()
    await serving.publish([event])
    epoch, begun = await serving.epoch(PARTITION), time.perf_counter()

    async def is_taken() -> bool:
        return await serving.epoch(PARTITION) > epoch

    starting = asyncio.create_task(serving.start())
    await until(f"{about}: the partition is taken", is_taken, LOOK_S, ROUND_S)
    taken = time.perf_counter()
    await serving.await_all(f"{about}: restarting", ROUND_S)
    settled = time.perf_counter()
    await starting
    return settled - begun, settled - taken
