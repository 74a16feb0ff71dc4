"""`docker compose up`, as an operator, an employer and a training provider meet it."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.compose import market
from tests.compose.cluster import SERVICES, ComposeCluster, docker
from tests.compose.front_doors import Body, Door, admit, eventually, settled

# The first test waits for the images to be built.
pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]
LEARNERS, OPENINGS, HANDS = 120, 60, 4


@dataclass
class People:
    """Who uses the cluster: an operator of each service, an employer and a provider."""

    operators: dict[str, Door]
    employer: Door
    provider: Door
    openings: set[str] = field(default_factory=set)
    awards: dict[str, set[str]] = field(default_factory=dict)

    async def publish(self, body: Body) -> str:
        opening_id: str = (await self.employer.create("/v1/openings", body))["opening_id"]
        self.openings.add(opening_id)
        return opening_id

    async def register(self, body: Body, awards: list[Body]) -> str:
        learner_id: str = (await self.provider.create("/v1/learners", body))["learner_id"]
        self.awards[learner_id] = {await self.record(learner_id, award) for award in awards}
        return learner_id

    async def record(self, learner_id: str, award: Body) -> str:
        award_id: str = (await self.provider.create(f"/v1/learners/{learner_id}/awards", award))["award_id"]
        return award_id

    async def shortlist(self, opening_id: str) -> list[Body]:
        candidates: list[Body] = (await self.employer.read(f"/v1/openings/{opening_id}/shortlist"))["candidates"]
        return candidates

    async def close(self) -> None:
        for door in (*self.operators.values(), self.employer, self.provider):
            await door.close()


@pytest.fixture(scope="module")
def tokens(cluster: ComposeCluster) -> dict[str, str]:
    """Keys of every user, made once."""
    operators = {service: cluster.operator_key(service) for service in SERVICES}

    async def admitted() -> dict[str, str]:
        openings, learners = (_door(cluster, service, operators[service]) for service in ("openings", "learners"))
        _, employer = await admit(openings, "employers", "Lakeside Precision", ["openings:read", "openings:write"])
        _, provider = await admit(learners, "providers", "Cuyahoga Skills Centre", ["learners:read", "learners:write"])
        await openings.close()
        await learners.close()
        return operators | {"employer": employer, "provider": provider}

    return asyncio.run(admitted())


@pytest.fixture
async def people(cluster: ComposeCluster, tokens: dict[str, str]) -> AsyncIterator[People]:
    people = People(
        {service: _door(cluster, service, tokens[service]) for service in SERVICES},
        _door(cluster, "openings", tokens["employer"]),
        _door(cluster, "learners", tokens["provider"]),
    )
    yield people
    await people.close()


def _door(cluster: ComposeCluster, service: str, token: str) -> Door:
    return Door(f"http://{cluster.address(service)}", token)


async def test_an_employer_sees_the_one_qualified_learner(people: People) -> None:
    await _catalog_arrives(people)
    wanted = market.group("milling", "required", "nims:cnc-milling-operator")
    opening_id = await people.publish(market.opening("CNC machinist", "44114", [wanted]))
    qualified = await people.register(market.learner("Ada Example", "44107"), [market.award("nims:cnc-milling-operator")])
    await people.register(market.learner("Ben Example", "44107"), [market.award("nims:cnc-turning-operator")])

    candidates = await eventually("a shortlist", lambda: people.shortlist(opening_id))

    await settled(list(people.operators.values()))
    assert candidates == await people.shortlist(opening_id)
    (candidate,) = candidates
    assert candidate["learner_id"] == qualified
    (outcome,) = candidate["explanation"]["groups"]
    assert (outcome["met"], set(outcome["awards"])) == (True, people.awards[qualified])


async def _catalog_arrives(people: People) -> None:
    async def known() -> bool:
        found = await people.employer.read("/v1/catalog/credentials?q=cnc-milling-operator")
        return bool(found["items"])

    await eventually("the openings service's copy of the catalog", known)


async def test_shortlists_equal_the_evaluation_after_services_were_killed(cluster: ComposeCluster, people: People) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    await _catalog_arrives(people)

    async with asyncio.TaskGroup() as group:
        group.create_task(_send_a_market(people, random.Random(seed)))
        group.create_task(_kill_services(cluster))

    await settled(list(people.operators.values()))
    evaluated = _evaluate(cluster)
    assert people.openings <= set(evaluated.openings)
    assert {learner: evaluated.awards.get(learner) for learner in people.awards} == people.awards
    shown = {opening_id: _as_ranked(await people.shortlist(opening_id)) for opening_id in sorted(people.openings)}
    assert shown == {opening_id: evaluated.shortlists.get(opening_id, []) for opening_id in shown}
    assert sum(map(len, shown.values())) > OPENINGS, "a market in which nearly nobody matches proves nothing"
    assert people.provider.retries > 0, "nobody noticed that a service was killed"


async def _send_a_market(people: People, chance: random.Random) -> None:
    """A few hands send at once, what comes next taken from one shuffled pile."""

    def register(number: int) -> Callable[[], Awaitable[str]]:
        body, awards = market.random_learner(chance, number)
        return lambda: people.register(body, awards)

    def publish(number: int) -> Callable[[], Awaitable[str]]:
        body = market.random_opening(chance, number)
        return lambda: people.publish(body)

    work = [register(number) for number in range(LEARNERS)] + [publish(number) for number in range(OPENINGS)]
    chance.shuffle(work)

    async def hand() -> None:
        while work:
            await work.pop()()
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for _ in range(HANDS):
            group.create_task(hand())


async def _kill_services(cluster: ComposeCluster) -> None:
    """A matching worker crashes and comes back by itself; learners, with requests under way, is killed and started again."""
    restarts = cluster.inspect("matching-worker")["RestartCount"]
    await asyncio.sleep(0.5)
    await asyncio.to_thread(cluster.kill_process, "matching-worker")
    await asyncio.sleep(1)
    await asyncio.to_thread(cluster.kill_containers, "learners", "learners-worker")
    await asyncio.to_thread(cluster.start, "learners", "learners-worker")
    assert (await asyncio.to_thread(cluster.inspect, "matching-worker"))["RestartCount"] == restarts + 1


@dataclass(frozen=True)
class Evaluated:
    """The live market as the matching service exports it, and what evaluating that file says."""

    openings: list[str]
    awards: dict[str, set[str]]
    shortlists: dict[str, list[tuple[int, str, int]]]


def _evaluate(cluster: ComposeCluster) -> Evaluated:
    export = cluster.run_in("matching", "makersync", "market", "export", "/tmp/market.json")
    assert export.returncode == 0, export.stderr
    verified = cluster.run_in("matching", "makersync", "market", "verify", "/tmp/market.json")
    assert verified.returncode == 0, verified.stderr
    file = json.loads(cluster.run_in("matching", "cat", "/tmp/market.json").stdout)
    result = json.loads(cluster.run_in("matching", "makersync", "market", "evaluate", "/tmp/market.json", "--json").stdout)
    shortlists: dict[str, list[tuple[int, str, int]]] = {}
    for match in result["matches"]:
        shortlists.setdefault(match["opening_id"], []).append((match["rank"], match["learner_id"], match["score"]))
    awards = {each["learner_id"]: {award["award_id"] for award in each["awards"]} for each in file["learners"]}
    openings = [each["opening_id"] for each in file["openings"]]
    return Evaluated(openings, awards, {opening_id: sorted(pairs) for opening_id, pairs in shortlists.items()})


def _as_ranked(candidates: list[Body]) -> list[tuple[int, str, int]]:
    return [(each["rank"], each["learner_id"], each["score"]) for each in candidates]


def test_a_second_up_changes_nothing(cluster: ComposeCluster, tokens: dict[str, str]) -> None:
    before = cluster.running()

    cluster.up()

    assert cluster.running() == before
    assert {service: cluster.operator_key(service) for service in SERVICES} == {name: tokens[name] for name in SERVICES}


def test_front_doors_and_workers_are_processes_of_their_own(cluster: ComposeCluster, tokens: dict[str, str]) -> None:
    """Guards: no number of requests keeps events waiting; and how many share the markets is no matter of a command line."""
    assert len(cluster.compose("ps", "--quiet", "matching-worker").split()) == 2
    for service in SERVICES:
        cluster.compose("pause", service)
        try:
            for worker in cluster.compose("ps", "--quiet", f"{service}-worker").split():
                assert docker("exec", worker, "makersync", service, "healthcheck") == ""
        finally:
            cluster.compose("unpause", service)


async def test_everything_is_still_there_after_down_and_up(cluster: ComposeCluster, tokens: dict[str, str]) -> None:
    before = await _all_shortlists(cluster, tokens)
    assert any(before.values())

    await asyncio.to_thread(cluster.down)
    await asyncio.to_thread(cluster.up)

    assert await _all_shortlists(cluster, tokens) == before


async def _all_shortlists(cluster: ComposeCluster, tokens: dict[str, str]) -> dict[str, Any]:
    employer = _door(cluster, "openings", tokens["employer"])
    page: Body = {"items": [], "next_cursor": ""}
    shortlists = {}
    while page["next_cursor"] is not None:
        page = await employer.read(f"/v1/openings?cursor={page['next_cursor']}" if page["next_cursor"] else "/v1/openings")
        for each in page["items"]:
            shortlists[each["opening_id"]] = await employer.read(f"/v1/openings/{each['opening_id']}/shortlist")
    await employer.close()
    return shortlists
