"""A small market on a deployment of real processes, whose stores are taken back to an earlier moment, or lost."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from makersync.effects.agreement import BEHIND_LOG
from makersync.effects.conditions import conditions
from makersync.store.database import Store
from tests.faults.deployment import SERVICES, Deployment
from tests.servers.backups import bring_back, lose, put_aside
from tests.servers.waiting import wait_for

ZIP, CREDENTIAL, ISSUED = "44113", "osha:10-general-industry", "2026-06-01"
TAKE_LOG = "--take-log"
SETTLED_S = 60.0
SCOPES = {"openings": ["openings:read", "openings:write"], "learners": ["learners:read", "learners:write"]}
ORGANISATIONS = {"openings": "employers", "learners": "providers"}
GROUPS = [{"id": "g", "necessity": "required", "any_of": [{"credential": CREDENTIAL}]}]


@dataclass
class Town:
    """One employer and one training provider. `listed` are the learners who must be on the shortlist of every open opening."""

    deployment: Deployment
    folder: Path
    say: Callable[[str], None]
    organisations: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    openings: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    rounds: int = 0

    async def found(self) -> None:
        for service, collection in ORGANISATIONS.items():
            made = await self._send(service, "POST", f"/v1/{collection}", {"name": f"The {collection}"}, operator=True)
            self.organisations[service] = next(value for name, value in made.items() if name.endswith("_id"))
            await self.issue_key(service)
        await wait_for(self._knows_the_catalog, SETTLED_S)
        for _ in range(3):
            await self.publish()
        for _ in range(5):
            await self.register()
        await self.settled()

    async def issue_key(self, service: str) -> None:
        """By an operator, for the organisation."""
        path = f"/v1/{ORGANISATIONS[service]}/{self.organisations[service]}/keys"
        made = await self._send(service, "POST", path, {"name": "town", "scopes": SCOPES[service]}, operator=True)
        self.keys[service] = next(value for value in made.values() if str(value).startswith("mks_"))

    async def publish(self) -> str:
        body = {"title": "Machinist", "zip": ZIP, "positions": 3, "groups": GROUPS}
        opening_id = str((await self._send("openings", "POST", "/v1/openings", body))["opening_id"])
        self.openings.append(opening_id)
        return opening_id

    async def revise(self, opening_id: str, positions: int) -> None:
        await self._change("openings", "PATCH", f"/v1/openings/{opening_id}", {"positions": positions})

    async def close(self, opening_id: str) -> None:
        await self._change("openings", "POST", f"/v1/openings/{opening_id}", None, "/closing")
        self.closed.add(opening_id)

    async def register(self) -> str:
        body = {"person": {"name": "Ada (synthetic)"}, "zip": ZIP, "seeking": True, "consents_to_matching": True}
        learner_id = str((await self._send("learners", "POST", "/v1/learners", body))["learner_id"])
        award = {"credential": CREDENTIAL, "issued_on": ISSUED}
        await self._send("learners", "POST", f"/v1/learners/{learner_id}/awards", award)
        self.listed.add(learner_id)
        return learner_id

    async def withdraw_consent(self, learner_id: str) -> None:
        await self._change("learners", "PUT", f"/v1/learners/{learner_id}", {"consents_to_matching": False}, "/consent")
        self.listed.discard(learner_id)

    async def erase(self, learner_id: str) -> None:
        await self._change("learners", "DELETE", f"/v1/learners/{learner_id}", None)
        self.listed.discard(learner_id)
        self.erased.add(learner_id)

    async def live_through(self) -> None:
        """What a backup does not know: learners withdraw, are erased and come; openings change, close and come."""
        withdraws, leaves, *_ = sorted(self.listed)
        await self.withdraw_consent(withdraws)
        await self.erase(leaves)
        await self.register()
        await self.register()
        await self.revise(self.openings[0], 5 + self.rounds)
        await self.close(next(each for each in self.openings[1:] if each not in self.closed))
        await self.publish()
        await self.settled()
        self.rounds += 1

    async def go_on(self) -> None:
        """Changes after all, of what was taken back too, reach every list."""
        await self.withdraw_consent(max(self.listed))
        await self.register()
        await self.close(max(each for each in self.openings if each not in self.closed))
        await self.publish()
        await self.settled()

    async def settled(self) -> None:
        """Every list shows exactly who must be on it."""
        await wait_for(self._is_settled, SETTLED_S)

    async def nobody_is_back(self) -> None:
        """Who was erased is nobody to the provider, and on no list."""
        for learner_id in self.erased:
            assert (await self._ask("learners", "GET", f"/v1/learners/{learner_id}")).status_code == httpx.codes.NOT_FOUND
        for opening_id in self.openings:
            assert not await self._shortlist(opening_id) & self.erased

    async def take_account(self) -> None:
        """After an operator chose: what the stores say now is what the lists must show."""
        self.listed, self.openings, self.closed = set(), [], set()
        for one in (await self._send("learners", "GET", "/v1/learners?limit=100"))["items"]:
            if one["consents_to_matching"] and one["seeking"] and one["awards"]:
                self.listed.add(one["learner_id"])
        for one in (await self._send("openings", "GET", "/v1/openings?limit=100"))["items"]:
            self.openings.insert(0, one["opening_id"])
            if one["status"] != "open":
                self.closed.add(one["opening_id"])

    async def put_aside(self, services: Iterable[str], name: str) -> None:
        for service in services:
            await put_aside(self.deployment.database_url(service), f"{service}_{name}", self.folder)

    async def take_back(self, services: Iterable[str], name: str) -> None:
        for service in services:
            await self.deployment.stop(service)
            await bring_back(self.deployment.database_url(service), f"{service}_{name}", self.folder)

    async def lose(self, services: Iterable[str]) -> None:
        for service in services:
            await self.deployment.stop(service)
            await lose(self.deployment.database_url(service))

    async def is_refused(self, service: str, condition: str = BEHIND_LOG) -> None:
        """Started as it is, a front door is unready, says what mends it, and takes no change."""
        await self.deployment.launch(service)
        await wait_for(lambda: self._says(service, condition), SETTLED_S)
        assert not await self.deployment.is_ready(service)
        answer = await self._ask(service, "POST", f"/v1/{ORGANISATIONS[service]}", {"name": "Somebody"}, operator=True)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:makersync:problem:writes-stopped")
        assert answer.headers["Retry-After"]
        await self.deployment.stop(service)

    async def has_no_condition(self, *services: str) -> None:
        for service in services:
            assert await self._remedies(service) == {}

    async def _says(self, service: str, condition: str) -> bool:
        return f"Run `makersync reconcile {service}" in (await self._remedies(service)).get(condition, "")

    async def _remedies(self, service: str) -> dict[str, str]:
        store = Store(self.deployment.database_url(service))
        async with store.reading() as session:
            found = {each.name: each.remedy for each in await conditions(session)}
        await store.close()
        return found

    async def feed_position(self) -> int:
        """The employer's position from which its feed goes on."""
        return int((await self._send("openings", "GET", "/v1/feed/snapshot"))["position"])

    async def feed_has_started_over(self, position: int) -> bool:
        answer = await self._ask("openings", "GET", f"/v1/feed?after={position}")
        return answer.status_code == httpx.codes.GONE

    async def mend(self, service: str, *arguments: str) -> None:
        status, printed = await self.deployment.command(service, *arguments)
        self.say(f"{' '.join(arguments)}: {printed}")
        assert status == 0, printed

    async def audit(self) -> None:
        urls = {f"MAKERSYNC_{each.upper()}_DATABASE_URL": self.deployment.database_url(each) for each in SERVICES}
        begun = time.monotonic()
        status, printed = await self.deployment.command("", "audit", **urls)
        self.say(f"audit in {time.monotonic() - begun:.1f} s")
        assert status == 0, printed

    async def _knows_the_catalog(self) -> bool:
        return bool((await self._send("openings", "GET", f"/v1/catalog/credentials?q={CREDENTIAL}"))["items"])

    async def _is_settled(self) -> bool:
        for opening_id in self.openings:
            expected = set() if opening_id in self.closed else self.listed
            if await self._shortlist(opening_id) != expected:
                return False
        return True

    async def _shortlist(self, opening_id: str) -> set[str]:
        found = await self._send("openings", "GET", f"/v1/openings/{opening_id}/shortlist")
        return {each["learner_id"] for each in found["candidates"]}

    async def _change(self, service: str, method: str, path: str, body: Any, action: str = "") -> None:
        version = (await self._send(service, "GET", path))["version"]
        await self._send(service, method, path + action, body, {"If-Match": f'"{version}"'})

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        operator: bool = False,
    ) -> dict[str, Any]:
        answer = await self._ask(service, method, path, body, headers, operator)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def _ask(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        operator: bool = False,
    ) -> httpx.Response:
        token = self.deployment.operator_key(service) if operator else self.keys[service]
        given = {"Authorization": f"Bearer {token}", **(headers or {})}
        async with httpx.AsyncClient(base_url=self.deployment.url(service), timeout=20) as client:
            return await client.request(method, path, headers=given, **({} if body is None else {"json": body}))
