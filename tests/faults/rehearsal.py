"""One rehearsal of a bad day: traffic and chaos side by side on a deployment, until the market is at rest again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from tests.faults.audit import unpublished, versions_of
from tests.faults.damage import Outsider
from tests.faults.deployment import SERVICES, SESSION_TIMEOUT_S, Deployment
from tests.faults.follower import Follower
from tests.faults.receiver import Receiver
from tests.faults.stubborn import Caller
from tests.faults.traffic import FIRST_DAY, Actor, Progress
from tests.servers.backups import bring_back, lose, put_aside
from tests.servers.waiting import wait_for

ACTORS = 8
#: Longer than the session timeout: the group has given the partitions away before the process wakes.
PAUSE_S = SESSION_TIMEOUT_S + 2
REST_S = 240.0
#: How far traffic may run ahead of the next disturbance, as a share of all events: each disturbance is to meet traffic.
HEADROOM = 0.05
NEW_DEFINITIONS = 4
#: How much happens between a dump and the day on which it is needed.
RESTORED_EVENTS = 150
NOTICED_WITHIN_S, MENDED_WITHIN_S = 60.0, 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much happens. The chaos is spread over the events; `seed` decides everything that chance decides."""

    seed: int
    events: int = 20_000
    kills: int = 12
    pauses: int = 12
    broker_restarts: int = 0
    days: int = 4
    wrong_records: int = 0
    #: Kafka alone knows transactions.
    control_records: int = 0
    #: Services whose database is put back to an earlier state, one after the other.
    restored: tuple[str, ...] = ()
    #: Services whose database is lost; the keys of a front door would be lost with it, and its callers stand before it.
    lost: tuple[str, ...] = ()
    #: How many employers and how many providers have all of their feed sent to a webhook.
    webhooks: int = 0


@dataclass(slots=True)
class Rehearsal:
    deployment: Deployment
    plan: Plan
    restart_broker: Callable[[], Awaitable[None]] | None = None
    actors: list[Actor] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)
    day: date = FIRST_DAY
    happened: list[str] = field(default_factory=list)
    operators: dict[str, Caller] = field(default_factory=dict)
    _callers: list[Caller] = field(default_factory=list)
    employer_followers: list[Follower] = field(default_factory=list)
    provider_followers: list[Follower] = field(default_factory=list)
    receivers: list[Receiver] = field(default_factory=list)
    _horizon: float = 0.0
    _at_rest: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """All the traffic and all the chaos; then until every event is consumed."""
        await self._cast()
        try:
            async with AsyncExitStack() as receiving, asyncio.TaskGroup() as following:
                for receiver in self.receivers:
                    await receiving.enter_async_context(receiver.receiving())
                for follower in self.followers:
                    following.create_task(follower.follow(self._at_rest))
                async with asyncio.TaskGroup() as group:
                    chaos = group.create_task(self._chaos())
                    for actor in self.actors:
                        group.create_task(self._play(actor))
                assert chaos.done()
                await self._rest()
                for receiver in self.receivers:
                    await receiver.catch_up()
                self._at_rest.set()
        except BaseException:
            print(f"seed {self.plan.seed}; after {self.progress.events} events; happened: {self.happened}")
            raise

    @property
    def followers(self) -> list[Follower]:
        return [*self.employer_followers, *self.provider_followers]

    @property
    def employers(self) -> list[Caller]:
        return [actor.employer for actor in self.actors]

    @property
    def providers(self) -> list[Caller]:
        return [actor.provider for actor in self.actors]

    async def close(self) -> None:
        for caller in self._callers:
            await caller.close()

    def _caller(self, process: str, token: str) -> Caller:
        caller = Caller(self.deployment.url(process), token)
        self._callers.append(caller)
        return caller

    def _operators_of(self, service: str) -> dict[str, Caller]:
        """With each process of a service."""
        token = self.deployment.operator_key(service)
        return {process: self._caller(process, token) for process in self.deployment.processes_of(service)}

    async def _cast(self) -> None:
        for service in SERVICES:
            self.operators |= self._operators_of(service)
        new_credentials: list[str] = []
        for number in range(ACTORS):
            employer = await self._tenant("openings", "/v1/employers", "employer_id", number)
            provider = await self._tenant("learners", "/v1/providers", "provider_id", number)
            random = Random(f"{self.plan.seed}/actor/{number}")
            self.actors.append(Actor(random, provider, employer, self.progress, lambda: self.day, new_credentials))
        self.employer_followers = [Follower(employer) for employer in self.employers]
        self.provider_followers = [Follower(provider) for provider in self.providers]
        some = slice(self.plan.webhooks)
        self.receivers = [Receiver(each) for each in (*self.employers[some], *self.providers[some])]
        await self.operators["learners"].create(
            "/v1/accreditations",
            {"provider_id": self._provider_ids[0], "issuer": "National Institute for Metalworking Skills"},
        )

    _provider_ids: list[str] = field(default_factory=list)

    async def _tenant(self, service: str, path: str, id_field: str, number: int) -> Caller:
        operator = self.operators[service]
        made = await operator.create(path, {"name": f"Synthetic {service} {number}"})
        if service == "learners":
            self._provider_ids.append(made[id_field])
        key = {"name": "rehearsal", "scopes": [f"{service}:read", f"{service}:write"]}
        token = (await operator.create(f"{path}/{made[id_field]}/keys", key))["token"]
        return self._caller(service, token)

    async def _play(self, actor: Actor) -> None:
        while self.progress.events < self.plan.events or self._horizon < float("inf"):
            if self.progress.events > self._horizon:
                await asyncio.sleep(0.05)
            else:
                await actor.act()

    async def _chaos(self) -> None:
        random = Random(f"{self.plan.seed}/chaos")
        processes = self.deployment.processes
        steps: list[Callable[[], Awaitable[None]]] = []
        steps += [lambda name=processes[n % 4]: self._kill(name) for n in range(self.plan.kills)]
        steps += [lambda name=processes[n % 4]: self._pause(name) for n in range(self.plan.pauses)]
        steps += [self._restart_broker] * self.plan.broker_restarts
        steps += [self._pass_day] * self.plan.days
        steps += [lambda n=n: self._define(n) for n in range(NEW_DEFINITIONS)]
        steps += self._damage(random)
        random.shuffle(steps)
        moments = sorted(random.uniform(0.05, 0.97) * self.plan.events for _ in steps)
        for moment, step in zip(moments, steps, strict=True):
            await self._more_happens(max(0, int(moment) - self.progress.events))
            await step()
        self._horizon = float("inf")

    def _damage(self, random: Random) -> list[Callable[[], Awaitable[None]]]:
        outsider = Outsider(self.deployment, random)
        return [
            *[lambda: self._hurt(outsider.write_a_wrong_record)] * self.plan.wrong_records,
            *[lambda: self._hurt(outsider.leave_control_record)] * self.plan.control_records,
            *(partial(self._restore, service) for service in self.plan.restored),
            *(partial(self._lose, service) for service in self.plan.lost),
        ]

    async def _hurt(self, step: Callable[[], Awaitable[str]]) -> None:
        self._note(f"somebody else writes {await step()}")

    async def _restore(self, service: str) -> None:
        """The database is put aside now, and brought back once more has happened."""
        name = f"{service}_{self.progress.events}"
        await put_aside(self.deployment.database_url(service), name, self.deployment.folder)
        before = await versions_of(self.deployment, service)
        while await versions_of(self.deployment, service) == before:
            await self._more_happens(RESTORED_EVENTS)
        await self._stop_published(service)
        await bring_back(self.deployment.database_url(service), name, self.deployment.folder)
        self._note(f"{service} has a database some {RESTORED_EVENTS} events old")
        await self._mend(service)

    async def _more_happens(self, events: int) -> None:
        until = self.progress.events + events
        self._horizon = until + HEADROOM * self.plan.events
        while self.progress.events < until:
            await asyncio.sleep(0.05)

    async def _lose(self, service: str) -> None:
        while not await versions_of(self.deployment, service):
            await self._more_happens(RESTORED_EVENTS)
        await self._stop_published(service)
        await lose(self.deployment.database_url(service))
        self._note(f"{service} has lost its database")
        await self.deployment.bootstrap(service)
        self.operators |= self._operators_of(service)
        await self._mend(service)

    async def _mend(self, service: str) -> None:
        """It says so, and takes nothing, until an operator reconciles it."""
        await self.deployment.launch(service)
        await wait_for(partial(self.deployment.has_condition, service, "behind_log"), NOTICED_WITHIN_S)
        status, printed = await self.deployment.command(service, "reconcile", service, "--take-log", "--yes")
        assert status == 0, printed
        await wait_for(partial(self.deployment.is_ready, service), MENDED_WITHIN_S)
        self._note(f"{service} is reconciled")

    async def _stop_published(self, service: str) -> None:
        """What was acknowledged and never published is lost with the database; here everything was published."""
        while True:
            await self.deployment.stop(service)
            if not await unpublished(self.deployment, service):
                return
            await self.deployment.start(service)
            await asyncio.sleep(SESSION_TIMEOUT_S)

    async def _kill(self, name: str) -> None:
        self._note(f"kill {name}")
        self.deployment.supervisor.kill(name)

    async def _pause(self, name: str) -> None:
        self._note(f"pause {name}")
        self.deployment.supervisor.pause(name)
        await asyncio.sleep(PAUSE_S)
        self.deployment.supervisor.resume(name)

    async def _restart_broker(self) -> None:
        assert self.restart_broker is not None
        self._note("restart the broker")
        await self.restart_broker()

    async def _pass_day(self) -> None:
        self.day += timedelta(days=1)
        self._note(f"it is {self.day}")
        self.deployment.set_day(self.day)

    async def _define(self, number: int) -> None:
        """A new credential that confers, implies and completes; from now on learners earn it and openings ask for it."""
        credential = f"rehearsal:credential-{number}"
        self._note(f"define {credential}")
        body: dict[str, Any] = {
            "name": f"Synthetic credential {number}",
            "issuer": "Synthetic issuer",
            "confers": [{"competency": "machining.cnc-milling", "level": 2 + number % 3}],
            "implies": ["nims:drill-press-1"],
            "training_weeks": 4 + number,
        }
        await self.operators["learners"].put(f"/v1/catalog/credentials/{credential}", body)
        self.actors[0].new_credentials.append(credential)
        self.progress.events += 1

    def _note(self, what: str) -> None:
        self.happened.append(f"{self.progress.events}: {what}")
        print(f"{time.strftime('%H:%M:%S')} after {self.progress.events} events: {what}", flush=True)

    async def _rest(self) -> None:
        """Until no outbox holds an event, no consumer lags, and every market stands on today's date. Twice in a row."""
        deadline, calm = time.monotonic() + REST_S, 0
        while calm < 2:
            waiting = await self._waiting()
            calm = calm + 1 if not waiting else 0
            if time.monotonic() > deadline:
                raise AssertionError(f"the market did not come to rest in {REST_S:g} s; waiting for {waiting}")
            await asyncio.sleep(0.5)

    async def _waiting(self) -> list[str]:
        waiting = []
        for process, operator in self.operators.items():
            state = await operator.get("/v1/operations")
            waiting += [f"{process} outbox {state['outbox_unpublished']}"] * bool(state["outbox_unpublished"])
            waiting += [
                f"{each['name']}/{each['partition']} lag {each['lag']}" for each in state["consumers"] if each["lag"] != 0
            ]
            waiting += [f"halted {each}" for each in state["halted"]]
        partitions = await self.operators["matching-1"].get("/v1/partitions")
        offsets = {row["catalog_offset"] for row in partitions}
        waiting += [
            f"partition {row['partition']} is at {row['day']}" for row in partitions if row["day"] != self.day.isoformat()
        ]
        waiting += [f"catalog offsets {sorted(offsets)}"] * (len(offsets) != 1)
        return waiting
