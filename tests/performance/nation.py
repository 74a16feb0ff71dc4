"""Measure 3: a nation through the matching service: time, memory, outcome; and an event's cost in nations of every size."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from demo.market.generated_market import GeneratedMarket
from makersync.broker.port import Outgoing
from tests.performance.bulk import Records
from tests.performance.figures import Figure
from tests.performance.kernel import PLAYERS
from tests.performance.mix import LearnerMix
from tests.performance.nation_plan import LEARNERS, OPENINGS, learner, nation
from tests.performance.printing import Told
from tests.performance.processes import ROOT
from tests.performance.serving import Serving, opened_serving
from tests.performance.sizes import Sizes
from tests.performance.stages import Stage
from tests.performance.waiting import BenchStuck

MEASURE = "national replay"
FEEDERS = 2
#: One for each processor: a nation is deployed like this, and a process computes on one processor at a time.
PROCESSES = ("matching", "matching-2")
#: What a replay may take at most: an hour and a half for the whole nation, some minutes for the start of a small one.
LEAST_S, WHOLE_S = 300.0, 5400.0
#: The embedded broker keeps its log in memory.
MOST_EMBEDDED = 0.01


async def measure_nation(stage: Stage, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """The smaller nations first."""
    shares = [*sizes.nation_steps, sizes.nation]
    if stage.profile == "embedded":
        shares = sorted({min(share, MOST_EMBEDDED) for share in shares})
    return [figure for share in shares for figure in await _replay(stage, share, sizes.nation_events, told)]


async def _replay(stage: Stage, share: float, events: int, told: Told) -> Sequence[Figure]:
    market = nation(round(LEARNERS * share), round(OPENINGS * share))
    size = f"{market.plan.learners:,} learners"
    about, patience_s = f"{stage.profile}: nation of {size}", LEAST_S + share * WHOLE_S
    folder = stage.folder / f"nation-{market.plan.learners}"
    async with opened_serving(stage, folder, market, told, PROCESSES) as serving:
        awards = await _feed(serving, market, about)
        begun = time.perf_counter()
        await serving.start()
        await serving.await_all(f"{about}: replay", patience_s)
        seconds, records = time.perf_counter() - begun, sum(serving.sent.values())
        told(f"{about}: publishing what came of it")
        await serving.await_published(patience_s)
        published, outcome = time.perf_counter() - begun, await serving.outcome()
        cost = await _cost(serving, market, events, about)
        found = {
            "records": (float(records), "records"),
            "awards": (float(awards), "awards"),
            "time, from the start of the processes": (seconds, "s"),
            "time until all of it is published": (published, "s"),
            "rate": (records / seconds, "records/s"),
            "peak memory of the processes": (serving.peak_mb(), "MB"),
            **{name: (count, name) for name, count in outcome.items()},
            "cost of a record afterwards": (cost, "µs"),
        }
    return [Figure(MEASURE, f"{size}: {case}", unit, (value,)) for case, (value, unit) in found.items()]


async def _cost(serving: Serving, market: GeneratedMarket, events: int, about: str) -> float:
    """Microseconds of a record, of learner events in the mix, all over the nation."""
    records = list(_changes(market, events))
    warm = len(records) // 5
    await serving.timed(records[:warm], f"{about}: warming up", LEAST_S)
    return 1e6 * await serving.timed(records[warm:], f"{about}: events", LEAST_S) / (len(records) - warm)


def _changes(market: GeneratedMarket, events: int) -> Iterator[Outgoing]:
    """Of learners who are there; each event is a record in every region of the reach."""
    players = [learner(market, place) for place in range(min(PLAYERS, market.plan.learners))]
    records = Records(market)
    for draft in players:
        records.remember(draft)
    for event in islice(LearnerMix(market, players).events(), events):
        yield from records.learner(event)
        records.remember(event.draft)


async def _feed(serving: Serving, market: GeneratedMarket, about: str) -> int:
    """Publish the nation from processes of its own; how many awards it has. Raises BenchStuck."""
    awards, sent = 0, [0] * FEEDERS

    async def feed(part: int) -> None:
        nonlocal awards
        async for line in _said_by(serving.stage.log.address, market, part):
            told = json.loads(line)
            if isinstance(told, int):
                sent[part] = told
                serving.told(f"{about}: publishing: {sum(sent):,} records")
                continue
            awards += told["awards"]
            serving.sent.update({(topic, partition): count for topic, partition, count in told["sent"]})

    async with asyncio.TaskGroup() as group:
        for part in range(FEEDERS):
            group.create_task(feed(part))
    return awards


async def _said_by(address: str, market: GeneratedMarket, part: int) -> AsyncIterator[bytes]:
    numbers = (market.plan.learners, market.plan.openings, part, FEEDERS)
    command = (sys.executable, "-m", "tests.performance.nation_feed", address, *map(str, numbers))
    feeder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    assert feeder.stdout is not None
    try:
        async for line in feeder.stdout:
            yield line
        if await feeder.wait():
            raise BenchStuck(f"a feeder failed with status {feeder.returncode}")
    finally:
        if feeder.returncode is None:
            feeder.kill()
            await feeder.wait()
