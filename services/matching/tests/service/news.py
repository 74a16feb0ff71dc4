"""The events of the other services in a schedule, about few subjects in two labour markets and remotely, and their outcome."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from contracts.topics import CATALOG, COHORT, DRAFT, LEARNER, OPENING
from makersync.broker.port import Outgoing
from makersync.envelope import Event, encode, encode_sequence
from makersync.topic import Topic, partition_of, schema_name
from matching.adapters.market_file.files import market_of
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market
from reference.places import load_places

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PARTITIONS = 2
HOMES = {"o1": ("17410", "44101"), "o2": ("17410", "44101"), "o3": ("10420", "44301"), "o4": ("remote", None)}
"""Region and ZIP of each opening: two partitions, and learners in Cleveland reach all three regions."""
DRAFTS = {"d1": ("17410", "44113"), "d2": ("remote", None)}
"""Region and ZIP of each draft: an id is asked about again and again."""
REGIONS = sorted({region for region, _ in HOMES.values()})
CREDENTIALS = ("mill", "weld", "read")
POLICY = {"shortlist_min": 1, "shortlist_max": 2, "shortlist_per_position": 1, "guard_openings": 1, "guard_employers": 1}
POLICY |= {"guard_employer_share": 1000, "pathway_size": 100, "refresh_seconds": 1}
"""Small lists, and pathways that are whole and soon refreshed."""


@dataclass
class News:
    """Makes events from a seed and remembers the newest of every subject."""

    rng: Random
    versions: dict[str, int] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    openings: dict[str, dict[str, Any]] = field(default_factory=dict)
    learners: dict[str, dict[str, Any]] = field(default_factory=dict)
    cohorts: dict[str, dict[str, Any]] = field(default_factory=dict)
    drafts: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    reached: dict[str, frozenset[str]] = field(default_factory=dict)
    policy: Policy = field(default_factory=lambda: Policy.from_dict(POLICY))
    day: date = field(default_factory=NOON.date)

    def market(self) -> Market:
        """What the whole world is by now; a credential without a definition is held by nobody."""
        blank = [{"id": name, "name": name, "issuer": "Issuer"} for name in CREDENTIALS if name not in self.definitions]
        document = {
            "day": self.day.isoformat(),
            "policy": self.policy.to_dict(),
            "catalog": {"competencies": [], "credentials": [*self.definitions.values(), *blank]},
            "openings": [_placeless(each) for each in self.openings.values()],
            "learners": [_placeless(each) for each in self.learners.values()],
            "cohorts": list(self.cohorts.values()),
        }
        market = market_of(document, load_places())
        known = (market.catalog.credentials[name] for name in self.definitions)
        return replace(market, catalog=MarketCatalog.of((), known))

    def something(self) -> list[Outgoing]:
        """One thing that happens, published to every region that it concerns."""
        tell: list[Callable[[], list[Outgoing]]] = (
            [self.learner] * 9 + [self.opening] * 6 + [self.draft] * 3 + [self.cohort, self.definition]
        )
        return self.rng.choice([*tell, self.erasure])()

    def definition(self, credential: str | None = None) -> list[Outgoing]:
        name = credential or self.rng.choice(CREDENTIALS)
        others = [other for other in CREDENTIALS if other != name]
        data = {"id": name, "name": name, "issuer": "Issuer", "implies": self.rng.sample(others, self.rng.choice([0, 0, 1]))}
        kind = "CredentialRevised" if name in self.definitions else "CredentialDefined"
        self.definitions[name] = data
        return [self._event(CATALOG, kind, f"credential/{name}", "catalog", data, self._next(name))]

    def opening(self) -> list[Outgoing]:
        name = self.rng.choice(list(HOMES))
        region, zip_code = HOMES[name]
        positions, anybody = self.rng.randint(1, 3), f"e{self.rng.randint(1, 2)}"
        data = {
            "opening_id": name,
            # An opening belongs to its employer for good; an event of another employer is refused.
            "employer_id": self.openings[name]["employer_id"] if name in self.openings else anybody,
            "region": region,
            "title": "Machinist",
            **({"zip": zip_code} if zip_code else {"remote": True}),
            "positions": positions,
            "filled": self.rng.choice([0] * 5 + [positions]),
            "groups": [self._group(number) for number in range(self.rng.choice([1, 1, 1, 2]))],
            "status": self.rng.choice(["open"] * 8 + ["closed"]),
            **self._perhaps("closes_on", 0, 1),
        }
        kind = "OpeningRevised" if name in self.openings else "OpeningPublished"
        self.openings[name] = data
        return [self._event(OPENING, kind, name, region, data, self._next(name))]

    def draft(self) -> list[Outgoing]:
        """A question, or the end of one: an end without a question has nothing to follow."""
        name = self.rng.choice(list(DRAFTS))
        region, zip_code = DRAFTS[name]
        named = {"draft_id": name, "employer_id": "e1", "region": region}
        if self.drafts.get(name) is not None and self.rng.random() < 0.6:
            self.drafts[name] = None
            return [self._event(DRAFT, "DraftEnded", name, region, named, self._next(name))]
        place = {"zip": zip_code} if zip_code else {"remote": True}
        groups = [self._group(number) for number in range(self.rng.choice([0, 1, 2]))]
        data = self.drafts[name] = {**named, **place, "positions": 1, "groups": groups}
        return [self._event(DRAFT, "DraftSubmitted", name, region, data, self._next(name))]

    def learner(self) -> list[Outgoing]:
        name = self.rng.choice(["ann", "bob", "eve"])
        data = {
            "learner_id": name,
            "provider_id": "college",
            "zip": "44101",
            "reach_km": self.rng.choice([10, 60, 60]),
            "remote_ok": self.rng.random() < 0.5,
            "seeking": self.rng.random() < 0.95,
            "consents_to_matching": self.rng.random() < 0.95,
            "awards": [self._award(f"{name}-{held}", held) for held in self.rng.sample(CREDENTIALS, self.rng.randint(2, 3))],
            **self._perhaps("seeking_since", -2, 0),
        }
        before = self.reached.get(name, frozenset())
        reach = load_places().reach(data["zip"], data["reach_km"], data["remote_ok"])
        self.reached[name] = frozenset(reach) & frozenset(REGIONS)
        self.learners[name] = data | {"region": "17410"}
        version = self._next(name)
        told = [
            self._event(LEARNER, "LearnerRevised", name, region, data | {"region": region}, version)
            for region in sorted(self.reached[name])
        ]
        return told + self._ends(name, "LearnerWithdrawn", before - self.reached[name], version)

    def erasure(self) -> list[Outgoing]:
        if not self.learners:
            return []
        name = self.rng.choice(sorted(self.learners))
        del self.learners[name]
        return self._ends(name, "LearnerErased", self.reached.pop(name), self._next(name))

    def cohort(self) -> list[Outgoing]:
        data = {
            "cohort_id": "class",
            "provider_id": "college",
            "credential": self.rng.choice(CREDENTIALS),
            "region": "17410",
            "seats": self.rng.randint(0, 9),
            "enrolled": self.rng.randint(0, 3),
            "starts_on": "2026-11-01",
            "ends_on": self._day(0, 2),
        }
        self.cohorts["class"] = data
        return [self._event(COHORT, "CohortRevised", "class", "17410", data, self._next("class"))]

    def next_policy(self) -> Policy:
        changed = {"version": self.policy.version + 1, "shortlist_max": self.rng.randint(1, 3)}
        changed |= {"weight_evidence": self.rng.randint(1, 60), "guard_employers": self.rng.randint(1, 2)}
        changed |= {"guard_employer_share": self.rng.choice([1000, 667])}
        self.policy = Policy.from_dict(POLICY | changed)
        return self.policy

    def _ends(self, name: str, kind: str, regions: frozenset[str], version: int) -> list[Outgoing]:
        data = {"learner_id": name}
        return [self._event(LEARNER, kind, name, region, data | {"region": region}, version) for region in sorted(regions)]

    def _group(self, number: int) -> dict[str, Any]:
        asked = self.rng.sample(CREDENTIALS, self.rng.choice([1, 2, 2]))
        necessity = "required" if number == 0 else self.rng.choice(["required", "preferred"])
        any_of = [{"credential": credential} for credential in asked]
        return {"id": f"g{number}", "necessity": necessity, "any_of": any_of, "verified_only": self.rng.random() < 0.2}

    def _award(self, award_id: str, credential: str) -> dict[str, Any]:
        return {
            "award_id": award_id,
            "credential": credential,
            "status": self.rng.choice(["active"] * 6 + ["revoked", "in_progress"]),
            "issued_on": self.rng.choice(["2025-06-01", "2025-06-01", self._day(0, 1)]),
            "evidence": self.rng.choice(["verified", "attested"]),
            **self._perhaps("expires_on", 1, 2),
            **self._perhaps("expected_on", 0, 2),
        }

    def _perhaps(self, name: str, first: int, last: int) -> dict[str, str]:
        return {name: self._day(first, last)} if self.rng.random() < 0.3 else {}

    def _day(self, first: int, last: int) -> str:
        return (NOON.date() + timedelta(days=self.rng.randint(first, last))).isoformat()

    def _next(self, subject: str) -> int:
        self.versions[subject] = self.versions.get(subject, 0) + 1
        return self.versions[subject]

    def _event(self, topic: Topic, kind: str, subject: str, region: str, data: dict[str, Any], version: int) -> Outgoing:
        event = Event(
            id=f"{region}-{subject}-{version}",
            source=f"/makersync/{topic.owner}",
            type=f"{topic.owner}.{kind}",
            subject=subject,
            time=NOON,
            dataschema=schema_name(topic),
            partitionkey=region,
            sequence=encode_sequence(version),
            data=data,
        )
        number = partition_of(region, PARTITIONS) if topic.by_region else 0
        return Outgoing(topic.name, number, f"{region}/{subject}".encode(), encode(event))


def _placeless(told: dict[str, Any]) -> dict[str, Any]:
    """As a market file has it, where the region follows from the place."""
    return {name: value for name, value in told.items() if name != "region"}
