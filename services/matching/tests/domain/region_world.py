"""A small world of several regions in which anything happens in any order, and a reader of what their markets publish."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import market_oracle
import markets
from markets import Document
from reader import Heard, Reader

from matching.adapters.market_file.files import market_of
from matching.domain.cells.shortage_cell import SignalKind
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import Market
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import Ending, RegionState, Settlement
from reference.places import Places

PUBLISHED = ("surplus", "balanced", "shortage", "severe")
LEARNERS, OPENINGS, COHORTS = 12, 10, 4


@dataclass(frozen=True)
class Said:
    """One message to one region's market; `take` delivers it and returns whether it was new."""

    region: str
    subject: tuple[str, str]
    version: int
    take: Callable[[RegionMarket], bool]


class World:
    """Subjects as documents, the region markets that receive them, what was stored of each, and a reader of each.

    Every action draws from `rng` alone; nothing settles but `settle`, and what must settle first by the contract.
    """

    def __init__(self, rng: Random, places: Places) -> None:
        self.rng = rng
        self.places = places
        self.document: Document = markets.market_document(rng, 0, 0, 0)
        self.undefined = set(rng.sample(markets.CREDENTIALS, 2))
        self.subjects: dict[str, dict[str, Document]] = {"openings": {}, "learners": {}, "cohorts": {}}
        self.versions: dict[tuple[str, str], int] = {}
        self.homes: dict[str, Document] = {}
        self.erased: set[str] = set()
        self.said: list[Said] = []
        self.heard: dict[tuple[str, tuple[str, str]], int] = {}
        self.readers = {region: Reader() for region in markets.REGIONS}
        self.settlements: list[Settlement] = []
        self.yesterday: dict[tuple[str, str], str] = {}
        now = self.market()
        self.stored = {region: RegionState(region=region, day=now.day) for region in markets.REGIONS}
        self.unstored: dict[str, list[Said]] = {region: [] for region in markets.REGIONS}
        self.regions = {region: self.open(state) for region, state in self.stored.items()}
        for action in [self.put_learner] * LEARNERS + [self.put_opening] * OPENINGS:
            action()

    def live_for(self, steps: int, when_settled: Callable[["World"], None]) -> None:
        """Let random things happen, and settle now and then."""
        often = [self.put_learner] * 16 + [self.put_opening] * 8 + [self.put_cohort] * 2 + [self.settle] * 6
        seldom = [self.erase_learner, self.remove_opening, self.remove_cohort, self.say_again, self.redefine_credential]
        seldom += [self.define_or_forget_credential, self.change_catalog, self.change_policy, self.pass_days]
        for _ in range(steps):
            action = self.rng.choice([*often, *seldom, self.restart, self.rebuild_midway, self.move, self.absorb])
            action()
            if action == self.settle:
                when_settled(self)
        self.settle()
        when_settled(self)

    # What the markets are compared with.

    def market(self) -> Market:
        """The whole world as a market; credentials that are not defined yet are held by nobody."""
        return replace(market_of(self._everything(), self.places), catalog=self.catalog())

    def known_document(self) -> Document:
        """The whole world as a market file, in which some references may be to credentials without a definition."""
        credentials = [item for item in self.document["catalog"]["credentials"] if item["id"] not in self.undefined]
        return self._everything() | {"catalog": self.document["catalog"] | {"credentials": credentials}}

    def catalog(self) -> MarketCatalog:
        full = self._parse().catalog
        known = (item for name, item in full.credentials.items() if name not in self.undefined)
        return MarketCatalog.of(full.competencies.values(), known)

    # What happens to subjects.

    def put_learner(self) -> None:
        learner_id = f"l{self.rng.randrange(LEARNERS)}"
        self.erased.discard(learner_id)
        self._put(lambda: self._say_learner(self._new_learner(learner_id)))

    def put_opening(self) -> None:
        opening_id = f"o{self.rng.randrange(OPENINGS)}"
        self._put(lambda: self._say_opening(self._new_opening(opening_id)))

    def put_cohort(self) -> None:
        cohort_id = f"c{self.rng.randrange(COHORTS)}"
        self._put(lambda: self._say_cohort(self._new_cohort(cohort_id)))

    def erase_learner(self) -> None:
        """Known or not."""
        learner_id = f"l{self.rng.randrange(LEARNERS)}"
        self.subjects["learners"].pop(learner_id, None)
        self.erased.add(learner_id)
        version = self._next("learner", learner_id)
        for region in self.regions:
            self._say(region, ("learner", learner_id), lambda m: m.remove_learner(learner_id, version, Ending.ERASED))

    def remove_opening(self) -> None:
        self._remove("openings", "opening", lambda m, opening_id, version: m.remove_opening(opening_id, version))

    def remove_cohort(self) -> None:
        self._remove("cohorts", "cohort", lambda m, cohort_id, version: m.remove_cohort(cohort_id, version))

    def say_again(self) -> None:
        """Deliver copies of earlier messages, delivered or withheld: late ones change nothing."""
        for said in self.rng.sample(self.said, min(8, len(self.said))):
            self._deliver(said)

    # What happens to the rules and the date.

    def redefine_credential(self) -> None:
        """One definition changes in what it confers, implies or is composed of."""
        credentials = self.document["catalog"]["credentials"]
        place = self.rng.randrange(len(credentials))
        changed = markets.credential_document(self.rng, credentials[place]["id"])
        self._set_catalog([*credentials[:place], changed, *credentials[place + 1 :]])

    def define_or_forget_credential(self) -> None:
        """A definition arrives, perhaps long after awards and openings spoke of it; or it goes."""
        self.undefined ^= {self.rng.choice(markets.CREDENTIALS)}
        self._set_catalog(self.document["catalog"]["credentials"])

    def change_catalog(self) -> None:
        self._set_catalog(markets.catalog_document(self.rng)["credentials"])

    def change_policy(self) -> None:
        policy = self._parse().policy
        self.document["policy"] = markets.policy_document(self.rng)
        before, policy = policy, self._parse().policy
        for market in self.regions.values():
            assert market.set_policy(policy) == (policy != before)

    def pass_days(self) -> None:
        """Settle, remember the levels that held, and move on: mostly to tomorrow, sometimes past every horizon."""
        self.settle()
        self.yesterday = {
            (region, cell.subject): cell.level.word
            for region, market in self.regions.items()
            for cell in market.cells()
            if cell.level.word in PUBLISHED
        }
        day = date.fromisoformat(self.document["day"]) + timedelta(days=self.rng.choice([1] * 8 + [2, 31, 180]))
        self.document["day"] = day.isoformat()
        for region, market in self.regions.items():
            assert market.set_day(day)
            assert not market.set_day(day)
            self._store(region)

    # What happens to the processes.

    def settle(self) -> None:
        """Settle every region; note the levels that "insufficient_data forgets yesterday" forgets."""
        document = self.known_document()
        for region, market in self.regions.items():
            settlement = market.settle()
            self.readers[region].consume(settlement, Heard(region, document, self.versions, frozenset(self.erased)))
            self.settlements.append(settlement)
            self._store(region)
            levels = {cell.subject: cell.level.word for cell in market.cells()}
            for key in [key for key in self.yesterday if key[0] == region]:
                if levels.get(key[1]) not in PUBLISHED:
                    del self.yesterday[key]

    def restart(self) -> None:
        """Settle and rebuild every region from what is stored: nothing may change."""
        self.settle()
        for region, old in self.regions.items():
            new = self.open(old.state())
            assert new.settle().is_empty
            assert (new.matches(), new.cells()) == (old.matches(), old.cells())
            self.regions[region] = new

    def rebuild_midway(self) -> None:
        """Rebuild one region from its state with changes in it that nobody has settled."""
        region = self.rng.choice(sorted(self.regions))
        self.regions[region] = self.open(self.regions[region].state())

    def absorb(self) -> None:
        """One region is far behind, and takes those who wait into its table before anything is settled."""
        self.regions[self.rng.choice(sorted(self.regions))].absorb()

    def move(self) -> None:
        """A region's owner dies, perhaps after it settled what it never stored; the next one receives all of it again."""
        region = self.rng.choice(sorted(self.regions))
        if self.rng.random() < 0.5:
            self.regions[region].settle()
        self.regions[region] = self.open(self.stored[region])
        missed = self.unstored[region]
        missed = missed + self.rng.sample(missed, len(missed) // 2)
        self.rng.shuffle(missed)
        for said in missed:
            said.take(self.regions[region])

    def open(self, state: RegionState) -> RegionMarket:
        """A market of what is stored, under the rules of now."""
        return RegionMarket(state, self.catalog(), self._parse().policy, self.places)

    def _store(self, region: str) -> None:
        self.stored[region], self.unstored[region] = self.regions[region].state(), []

    def _put(self, say: Callable[[], list[Said]]) -> None:
        """Publish a subject's new state; sometimes the one before it is delayed and comes late, or never."""
        if self.rng.random() < 0.1:
            self.said += say()
        for said in say():
            self.said.append(said)
            assert self._deliver(said)

    def _say(self, region: str, subject: tuple[str, str], take: Callable[[RegionMarket], bool]) -> None:
        said = Said(region, subject, self.versions[subject], take)
        self.said.append(said)
        assert self._deliver(said)

    def _deliver(self, said: Said) -> bool:
        newest = self.heard.get((said.region, said.subject), 0)
        is_news = said.take(self.regions[said.region])
        assert is_news == (said.version > newest)
        self.heard[said.region, said.subject] = max(newest, said.version)
        if is_news or self.rng.random() < 0.5:
            self.unstored[said.region].append(said)
        return is_news

    def _remove(self, kind: str, name: str, remove: Callable[[RegionMarket, str, int], bool]) -> None:
        if self.subjects[kind]:
            subject_id = self.rng.choice(sorted(self.subjects[kind]))
            home = self.subjects[kind].pop(subject_id)
            region = home["region"] if kind == "cohorts" else market_oracle.region_of(home)
            version = self._next(name, subject_id)
            self._say(region, (name, subject_id), lambda market: remove(market, subject_id, version))

    def _say_learner(self, learner: Document) -> list[Said]:
        parsed = self._parse(learners=[learner]).learners[0]
        subject = ("learner", parsed.learner_id)

        def put(market: RegionMarket) -> bool:
            return market.put_learner(parsed)

        def withdraw(market: RegionMarket) -> bool:
            return market.remove_learner(parsed.learner_id, parsed.version, Ending.WITHDRAWN)

        reached = {region: market_oracle.reaches(learner, region) for region in self.regions}
        return [Said(region, subject, parsed.version, put if here else withdraw) for region, here in reached.items()]

    def _say_opening(self, opening: Document) -> list[Said]:
        parsed = self._parse(openings=[opening]).openings[0]
        take = lambda market: market.put_opening(parsed)  # noqa: E731
        return [Said(parsed.region, ("opening", parsed.opening_id), parsed.version, take)]

    def _say_cohort(self, cohort: Document) -> list[Said]:
        version = self.versions["cohort", cohort["cohort_id"]]
        parsed = replace(self._parse(cohorts=[cohort]).cohorts[0], version=version)
        return [Said(parsed.region, ("cohort", parsed.cohort_id), version, lambda market: market.put_cohort(parsed))]

    def _new_learner(self, learner_id: str) -> Document:
        version = self._next("learner", learner_id)
        return self._keep("learners", learner_id, markets.learner_document(self.rng, learner_id, version))

    def _new_opening(self, opening_id: str) -> Document:
        home = self.homes.setdefault(opening_id, markets.opening_place(self.rng))
        version = self._next("opening", opening_id)
        return self._keep("openings", opening_id, markets.opening_document(self.rng, opening_id, version, home))

    def _new_cohort(self, cohort_id: str) -> Document:
        home = self.homes.setdefault(cohort_id, {"region": self.rng.choice(markets.REGIONS)})
        self._next("cohort", cohort_id)
        cohort = self.subjects["cohorts"][cohort_id] = markets.cohort_document(self.rng, cohort_id, home["region"])
        return cohort

    def _keep(self, kind: str, subject_id: str, new: Document) -> Document:
        """Most changes are small ones."""
        old = self.subjects[kind].get(subject_id)
        changed = markets.partly_changed(self.rng, old, new) if old and self.rng.random() < 0.7 else new
        self.subjects[kind][subject_id] = changed
        return changed

    def _next(self, kind: str, subject_id: str) -> int:
        self.versions[kind, subject_id] = self.versions.get((kind, subject_id), 0) + 1
        return self.versions[kind, subject_id]

    def _set_catalog(self, credentials: list[Document]) -> None:
        self.document["catalog"] = self.document["catalog"] | {"credentials": credentials}
        catalog = self.catalog()
        for market in self.regions.values():
            is_news = catalog != market.catalog
            assert market.set_catalog(catalog) == is_news

    def _everything(self) -> Document:
        return self.document | {kind: list(by_id.values()) for kind, by_id in self.subjects.items()}

    def _parse(self, **subjects: list[Document]) -> Market:
        nothing: Document = {"openings": [], "learners": [], "cohorts": []}
        return market_of(self.document | nothing | subjects, self.places)


def signals_of(settlements: Iterable[Settlement]) -> list[SignalKind]:
    """The kinds of all signals, in order."""
    return [signal.kind for settlement in settlements for signal in settlement.signals]
