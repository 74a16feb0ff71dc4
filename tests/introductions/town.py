"""All three services in one process on one log in memory, each with its own database: what they publish reaches the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

import learners.bootstrap
import matching.bootstrap
import openings.bootstrap
from contracts.topics import TOPICS
from makersync.broker.memory import MemoryBroker
from makersync.clock import ManualClock
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context, ServiceDefinition
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.telemetry import create_metrics
from tests.servers.applications import application
from tests.servers.restoring import RestoredService
from tests.servers.tables import create_tables

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DEFINITIONS = (openings.bootstrap.definition, learners.bootstrap.definition, matching.bootstrap.definition)
#: Steps that a service takes by its rules, without anybody asking.
SWEEPS = ("settle introductions", "announce expired openings", "forget ended introductions", "look_at_drafts")
#: Rounds without news after which none is expected, and more than any chain of events takes.
QUIET_ROUNDS, MOST_ROUNDS = 3, 50
QUICK = Pace(fetch_wait_s=0.0, replay_poll_s=0.0, retry_s=0.0)
ZIP, CREDENTIAL = "17401", "nims:cnc-milling-operator"
PERSON = {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 717 555 0188"}


@dataclass
class Service:
    """One service without a process."""

    context: Context
    definition: ServiceDefinition
    published: RestoredService
    loops: Sequence[ConsumerLoop]
    http: httpx.AsyncClient

    async def step(self) -> bool:
        """Returns whether there was anything to read, or is something left to do."""
        await self.published.publish()
        read = [await loop.round() for loop in self.loops]
        for each in self.definition.periodic(self.context):
            if each.name in SWEEPS:
                await each.step()
        due = any(held.due() for loop in self.loops for held in loop.held.values())
        return due or any(read)

    async def key(self, organisation_id: str | None, *scopes: str) -> str:
        wiring = self.http._transport.app.state.wiring  # type: ignore[attr-defined]
        async with self.context.store.transaction() as session:
            _, token = issue_key(session, wiring.pepper, wiring.clock, KeyGrant(organisation_id, "test", scopes))
        return token


async def service_of(definition: ServiceDefinition, url: str, clock: ManualClock, broker: MemoryBroker) -> Service:
    settings, store = Settings(partitions=2), Store(url)
    outbox = Outbox(f"/makersync/{definition.name}", clock, settings.partitions)
    context = Context(settings, store, clock, outbox, create_metrics())
    await create_tables(store, definition.metadata)
    await definition.at_start(context)
    published = await RestoredService(context, definition, broker).open()
    owner, log = Owner("test", store, clock, context.metrics), KnownLog("log", settings.partitions)
    loops = [ConsumerLoop(each, broker, owner, log, QUICK) for each in definition.consumers(context)]
    wiring = Wiring(settings, store, clock, context.metrics, pepper=b"p" * 32)
    app = application(definition, context, wiring)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{definition.name}")
    return Service(context, definition, published, loops, http)


@dataclass
class Party:
    """Whoever calls one service with one key."""

    service: Service
    token: str
    organisation_id: str = ""

    async def ask(self, method: str, path: str, body: Any = None, version: int | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.service.http.request(method, path, headers=headers, **({} if body is None else {"json": body}))

    async def send(self, method: str, path: str, body: Any = None, version: int | None = None) -> dict[str, Any]:
        answer = await self.ask(method, path, body, version)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def get(self, path: str) -> dict[str, Any]:
        return await self.send("GET", path)

    async def act(self, path: str, step: str, body: Any = None, method: str = "POST") -> dict[str, Any]:
        """Take a step at the version that is shown."""
        version = (await self.get(path))["version"]
        return await self.send(method, f"{path}/{step}", body, version)


@dataclass
class Town:
    """One employer and one training provider, each at its own service."""

    services: Sequence[Service]
    clock: ManualClock
    broker: MemoryBroker
    employer: Party = field(init=False)
    provider: Party = field(init=False)

    async def found(self) -> None:
        front_doors = (("openings", "employers"), ("learners", "providers"))
        parties = [await self._party(name, collection) for name, collection in front_doors]
        self.employer, self.provider = parties
        await self.settle()

    async def _party(self, name: str, collection: str) -> Party:
        [service] = [each for each in self.services if each.definition.name == name]
        operator = Party(service, await service.key(None, OPERATOR))
        made = await operator.send("POST", f"/v1/{collection}", {"name": f"York {collection}"})
        organisation_id = made[f"{collection[:-1]}_id"]
        return Party(service, await service.key(organisation_id, f"{name}:read", f"{name}:write"), organisation_id)

    async def settle(self) -> None:
        """Let everything that is published reach whom it concerns."""
        quiet = rounds = 0
        while quiet < QUIET_ROUNDS:
            moved = [await service.step() for service in self.services]
            quiet, rounds = 0 if any(moved) else quiet + 1, rounds + 1
            assert rounds < MOST_ROUNDS, "the services answer each other without end"
        assert [loop.halted for service in self.services for loop in service.loops if loop.halted] == []

    async def pass_days(self, days: int) -> None:
        self.clock.move_to(self.clock.now() + timedelta(days=days))
        await self.settle()

    async def publish(self, **changed: Any) -> str:
        group = {"id": "cnc", "necessity": "required", "any_of": [{"credential": CREDENTIAL}]}
        body = {"title": "CNC machinist", "zip": ZIP, "positions": 2, "wage_min": 2500, "groups": [group]} | changed
        return str((await self.employer.send("POST", "/v1/openings", body))["opening_id"])

    async def register(self, **changed: Any) -> str:
        body = {"person": PERSON, "zip": ZIP, "seeking": True, "consents_to_matching": True} | changed
        learner_id = str((await self.provider.send("POST", "/v1/learners", body))["learner_id"])
        award = {"credential": CREDENTIAL, "issued_on": "2026-01-10"}
        await self.provider.send("POST", f"/v1/learners/{learner_id}/awards", award)
        return learner_id

    async def ask(self, opening_id: str, learner_id: str) -> str:
        """The path of the new introduction, which is the same in both services."""
        body = {"learner_id": learner_id, "contact": "hiring@york.example", "message": "Come and see our mill."}
        asked = await self.employer.send("POST", f"/v1/openings/{opening_id}/introductions", body)
        return f"/v1/introductions/{asked['introduction_id']}"

    async def accepted(self, opening_id: str, learner_id: str) -> str:
        path = await self.ask(opening_id, learner_id)
        await self.settle()
        await self.provider.act(path, "accept")
        await self.settle()
        return path

    async def granted(self, path: str) -> Party:
        """Whoever has the token for the contact, once the learners service knows it."""
        granted = await self.employer.send("POST", f"{path}/contact-access")
        await self.settle()
        return Party(self.provider.service, granted["token"])

    async def standings(self, path: str) -> list[tuple[str, str | None, str | None]]:
        """Where it stands, as both services say."""
        shown = [await party.get(path) for party in (self.employer, self.provider)]
        return [(each["status"], each["side"], each["reason"]) for each in shown]

    async def shortlist(self, opening_id: str) -> list[str]:
        found = await self.employer.get(f"/v1/openings/{opening_id}/shortlist")
        return [each["learner_id"] for each in found["candidates"]]

    def everything_on_the_log(self) -> str:
        values = [bytes(record.value or b"") for topic in TOPICS for record in self.broker.records(topic.name)]
        return b"\n".join(values).decode()


async def new_town(url_of: Any) -> Town:
    """`url_of` makes a database for the name of a service."""
    clock, broker = ManualClock(NOW), MemoryBroker()
    services = [await service_of(each, url_of(each.name), clock, broker) for each in (make() for make in DEFINITIONS)]
    town = Town(services, clock, broker)
    await town.found()
    return town


def token_in(address: str) -> str:
    found = re.search(r"/v1/learner-answers/([^/]+)$", address)
    assert found, address
    return found[1]
