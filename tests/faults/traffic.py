"""A seeded market's life over HTTP: learners who register, earn, lose, move and leave, openings that come, change and close."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.faults.stubborn import Caller, Refused

FIRST_DAY = date(2026, 11, 22)
#: Real ZIP codes around Lake Erie: reaches overlap, and a move can leave a region or enter one.
ZIPS = [
    "44113",
    "44114",
    "44135",
    "44094",
    "44052",
    "44308",
    "44320",
    "44333",
    "44702",
    "44718",
    "44503",
    "44512",
    "44130",
    "44060",
    "44256",
    "43604",
    "43615",
    "43551",
    "48201",
    "48226",
    "48103",
    "48104",
    "48342",
    "16501",
    "16509",
    "15222",
    "15213",
    "43215",
    "43085",
    "45402",
]
CREDENTIALS = [
    "nims:cnc-milling-operator",
    "nims:cnc-turning-operator",
    "osha:10-general-industry",
    "nims:measurement-materials-safety",
    "nims:manual-milling-1",
    "nims:drill-press-1",
    "nims:drill-press-2",
    "act:ncrc-silver",
    "smacna:sheet-metal-1",
]
COMPETENCIES = [
    "machining.cnc-milling",
    "quality.measurement",
    "safety.workplace",
    "technical.print-reading",
    "machining.drill-press",
]
REACHES = (40, 80, 120, 160)
SHIFTS = ("day", "evening", "night", "weekend", "rotating")


@dataclass(slots=True)
class Progress:
    """How many events the services have been made to publish."""

    events: int = 0
    refused: int = 0


@dataclass(slots=True)
class Actor:
    """One tenant pair with learners and openings of its own, so that nobody else changes them."""

    random: Random
    provider: Caller
    employer: Caller
    progress: Progress
    today: Callable[[], date]
    new_credentials: list[str]
    #: Each learner with the number of regions that hear of it: an event of a learner is one record in each.
    learners: dict[str, int] = field(default_factory=dict)
    openings: list[str] = field(default_factory=list)

    async def act(self) -> None:
        """One thing happens. A refusal by a rule is an answer too: it published nothing."""
        try:
            await self._choose()()
        except Refused:
            self.progress.refused += 1

    def _choose(self) -> Callable[[], Awaitable[None]]:
        if not self.learners:
            return self.register
        few = len(self.learners) < 30 or len(self.openings) < 8
        weighted: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (60 if few else 6, self.register),
            (20 if few else 4, self.publish),
            (30, self.award),
            (16, self.change_award),
            (12, self.change_learner),
            (10, self.move),
            (6, self.consent),
            (2, self.erase),
            (12, self.revise),
            (8, self.fill),
            (3, self.close),
            (3, self.reopen),
        ]
        return self.random.choices([act for _, act in weighted], [weight for weight, _ in weighted])[0]

    async def register(self) -> None:
        body = {
            "person": {"name": f"Learner {self.random.randrange(10**6)} (synthetic)"},
            "zip": self.random.choice(ZIPS),
            "reach_km": self.random.choice(REACHES),
            "remote_ok": self.random.random() < 0.3,
            "seeking": self.random.random() < 0.9,
            "consents_to_matching": self.random.random() < 0.9,
            "shifts": self._shifts(),
            "wage_floor": self.random.choice((None, 1800, 2400)),
        }
        learner = await self.provider.create("/v1/learners", body)
        self._heard(learner)

    async def award(self) -> None:
        learner = self._learner()
        body: dict[str, Any] = {"credential": self.random.choice([*CREDENTIALS, *self.new_credentials])}
        if self.random.random() < 0.15:
            body |= {"status": "in_progress", "expected_on": self._day(0, 200)}
        else:
            body |= {"status": "active", "issued_on": self._day(-400, 0)}
            if self.random.random() < 0.4:
                body["expires_on"] = self._day(1, 5)
        await self.provider.create(f"/v1/learners/{learner}/awards", body, of=f"/v1/learners/{learner}")
        self._count(learner)

    async def change_award(self) -> None:
        learner = self._learner()
        awards = (await self.provider.get(f"/v1/learners/{learner}"))["awards"]
        if not awards:
            return
        award = self.random.choice(awards)
        how = self.random.choice(("suspension", "reinstatement", "revocation", "renewal", "completion"))
        bodies = {"renewal": {"expires_on": self._day(3, 300)}, "completion": {"issued_on": self._day(-3, 0)}}
        path = f"/v1/learners/{learner}/awards/{award['award_id']}/{how}"
        self._heard(await self.provider.change("POST", path, f"/v1/learners/{learner}", bodies.get(how)))

    async def change_learner(self) -> None:
        change = self.random.choice(
            (
                {"seeking": self.random.random() < 0.7},
                {"shifts": self._shifts()},
                {"wage_floor": self.random.choice((None, 1500, 2600))},
                {"available_from": self._day(-10, 60)},
                {"remote_ok": self.random.random() < 0.5},
            )
        )
        await self._patch_learner(change)

    async def move(self) -> None:
        await self._patch_learner({"zip": self.random.choice(ZIPS), "reach_km": self.random.choice(REACHES)})

    async def consent(self) -> None:
        learner = self._learner()
        body = {"consents_to_matching": self.random.random() < 0.6}
        self._heard(await self.provider.change("PUT", f"/v1/learners/{learner}/consent", f"/v1/learners/{learner}", body))

    async def erase(self) -> None:
        learner = self._learner()
        self._count(learner)
        del self.learners[learner]
        await self.provider.change("DELETE", f"/v1/learners/{learner}", f"/v1/learners/{learner}")

    async def publish(self) -> None:
        body = {
            "title": "Synthetic opening",
            "positions": self.random.randint(1, 4),
            "shifts": self._shifts(),
            "wage_max": self.random.choice((None, 2000, 3000)),
            "start_by": self.random.choice((None, self._day(5, 40))),
            "closes_on": self.random.choice((None, None, self._day(0, 4))),
            "groups": self._groups(),
        }
        place: dict[str, Any] = {"remote": True} if self.random.random() < 0.1 else {"zip": self.random.choice(ZIPS)}
        opening = await self.employer.create("/v1/openings", body | place)
        self.openings.append(opening["opening_id"])
        self.progress.events += 1

    async def revise(self) -> None:
        change = self.random.choice(
            (
                {"groups": self._groups()},
                {"wage_max": self.random.choice((1700, 2500, None))},
                {"closes_on": self._day(0, 6)},
                {"positions": self.random.randint(2, 6)},
            )
        )
        await self._change_opening("PATCH", "", change)

    async def fill(self) -> None:
        await self._change_opening("POST", "/fillings", {"filled": self.random.randint(0, 2)})

    async def close(self) -> None:
        await self._change_opening("POST", "/closing", None)

    async def reopen(self) -> None:
        await self._change_opening("POST", "/reopening", None)

    async def _change_opening(self, method: str, action: str, body: dict[str, Any] | None) -> None:
        if not self.openings:
            return
        path = f"/v1/openings/{self.random.choice(self.openings)}"
        await self.employer.change(method, path + action, path, body)
        self.progress.events += 1

    async def _patch_learner(self, change: dict[str, Any]) -> None:
        learner = self._learner()
        self._heard(await self.provider.change("PATCH", f"/v1/learners/{learner}", f"/v1/learners/{learner}", change))

    def _heard(self, learner: dict[str, Any] | None) -> None:
        """A learner as just answered; None when the answer was lost, and the event is left uncounted."""
        if learner is not None:
            self.learners[learner["learner_id"]] = len(learner["regions"])
            self._count(learner["learner_id"])

    def _count(self, learner: str) -> None:
        self.progress.events += self.learners[learner]

    def _learner(self) -> str:
        return self.random.choice(list(self.learners))

    def _groups(self) -> list[dict[str, Any]]:
        groups = []
        for number in range(self.random.randint(1, 3)):
            any_of: list[dict[str, Any]] = [{"credential": self.random.choice([*CREDENTIALS, *self.new_credentials])}]
            if self.random.random() < 0.4:
                any_of.append({"competency": self.random.choice(COMPETENCIES), "level": self.random.randint(1, 3)})
            groups.append(
                {
                    "id": f"g{number}",
                    "necessity": self.random.choice(("required", "required", "trainable", "preferred")),
                    "any_of": any_of,
                    "weight": self.random.randint(1, 10),
                    "verified_only": self.random.random() < 0.2,
                }
            )
        return groups

    def _shifts(self) -> list[str]:
        return self.random.sample(SHIFTS, self.random.choice((0, 0, 1, 2)))

    def _day(self, least: int, most: int) -> str:
        return (self.today() + timedelta(days=self.random.randint(least, most))).isoformat()
