"""A small world of several regions in which random things happen, and a reader of what their markets publish."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import market_oracle
import markets
from markets import Document

from makersync.places import Places
from matching.domain.market import Market
from matching.domain.market_file import market_of
from matching.domain.records import Ending, MatchKind, MatchRecord, RegionState, Settlement, Signal, SignalKind
from matching.domain.region import RegionMarket

PUBLISHED = ("surplus", "balanced", "shortage", "severe")


@dataclass
class Reader:
    """Folds the changes of one region, as a service that consumes its events would; checks each one on the way."""

    live: dict[tuple[str, str], MatchRecord] = field(default_factory=dict)
    match_versions: dict[tuple[str, str], int] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)

    def consume(self, settlement: Settlement) -> None:
        """Take one settlement, whose order and versions must be right."""
        pairs = [(change.record.opening_id, change.record.learner_id) for change in settlement.matches]
        assert pairs == sorted(set(pairs))
        for pair, change in zip(pairs, settlement.matches, strict=True):
            assert change.record.version == self.match_versions.get(pair, 0) + 1
            self.match_versions[pair] = change.record.version
            self._fold_match(pair, change.kind, change.record)
            assert (change.reason is not None) == (change.kind == MatchKind.WITHDRAWN)
        subjects = [signal.subject for signal in settlement.signals]
        assert subjects == sorted(set(subjects))
        for signal in settlement.signals:
            self._fold_signal(signal)

    def _fold_match(self, pair: tuple[str, str], kind: MatchKind, record: MatchRecord) -> None:
        if kind == MatchKind.PROPOSED:
            assert pair not in self.live
            self.live[pair] = record
        elif kind == MatchKind.REVISED:
            assert self.live[pair].facts != record.facts
            self.live[pair] = record
        else:
            assert not record.live
            del self.live[pair]

    def _fold_signal(self, signal: Signal) -> None:
        last = self.signals.get(signal.subject)
        assert signal.version == (last.version if last else 0) + 1
        was = last.level.word if last else "insufficient_data"
        assert signal.kind.value == expected_kind(was, signal.level.word)
        self.signals[signal.subject] = signal


def expected_kind(was: str, now: str) -> str:
    """The kind of a signal by section 13, from its levels alone."""
    high = ("shortage", "severe")
    if now == "insufficient_data":
        return "silenced"
    if now in high and (was not in high or (was, now) == ("shortage", "severe")):
        return "raised"
    if (was, now) == ("severe", "shortage"):
        return "eased"
    return "cleared" if was in high and now not in high else "revised"


class World:
    """Subjects as documents, the region markets that hear of them, and a reader of each."""

    def __init__(self, rng: Random, places: Places) -> None:
        self.rng = rng
        self.places = places
        self.document: Document = markets.market_document(rng, 0, 0, 0)
        self.subjects: dict[str, dict[str, Document]] = {"openings": {}, "learners": {}, "cohorts": {}}
        self.versions: dict[tuple[str, str], int] = {}
        self.readers = {region: Reader() for region in markets.REGIONS}
        self.settlements: list[Settlement] = []
        self.yesterday: dict[tuple[str, str], str] = {}
        now = self.market()
        self.regions = {
            region: RegionMarket(RegionState(region=region, day=now.day), now.catalog, now.policy, places)
            for region in markets.REGIONS
        }

    def market(self) -> Market:
        """The whole world as a market."""
        return market_of(self.full_document(), self.places)

    def full_document(self) -> Document:
        """The whole world as a market file."""
        subjects = {kind: list(by_id.values()) for kind, by_id in self.subjects.items()}
        return deepcopy(self.document | subjects)

    def live_for(self, steps: int) -> None:
        """Fill the world, let random things happen, then settle."""
        actions = [self.put_learner] * 8 + [self.put_opening] * 6 + [self.put_cohort] * 2
        actions += [self.erase_learner, self.remove_cohort, self.change_catalog, self.change_policy, self.next_day]
        actions += [self.send_again, self.restart] + [self.settle] * 4
        for action in [self.put_learner] * 10 + [self.put_opening] * 8 + [self.settle]:
            action()
        for _ in range(steps):
            self.rng.choice(actions)()
        self.settle()

    def settle(self) -> None:
        """Settle every region; note the levels that "insufficient_data forgets yesterday" forgets."""
        for region, market in self.regions.items():
            settlement = market.settle()
            self.readers[region].consume(settlement)
            self.settlements.append(settlement)
            levels = {cell.subject: cell.level.word for cell in market.cells()}
            for key in [key for key in self.yesterday if key[0] == region]:
                if levels.get(key[1]) not in PUBLISHED:
                    del self.yesterday[key]

    def put_learner(self) -> None:
        learner_id = f"l{self.rng.randint(0, 11)}"
        learner = markets.learner_document(self.rng, learner_id, self._next("l", learner_id))
        learner = self._keep("learners", learner_id, learner)
        self._tell_learner(learner)

    def put_opening(self) -> None:
        opening_id = f"o{self.rng.randint(0, 9)}"
        old = self.subjects["openings"].get(opening_id)
        place = {name: old[name] for name in ("zip", "remote") if name in old} if old else None
        opening = markets.opening_document(self.rng, opening_id, self._next("o", opening_id), place)
        opening = self._keep("openings", opening_id, opening)
        assert self._tell_opening(opening)

    def put_cohort(self) -> None:
        cohort_id = f"c{self.rng.randint(0, 3)}"
        old = self.subjects["cohorts"].get(cohort_id)
        cohort = markets.cohort_document(self.rng, cohort_id, old["region"] if old else None)
        self.subjects["cohorts"][cohort_id] = cohort
        parsed = self._alone(cohorts=[cohort]).cohorts[0]
        versioned = type(parsed)(**{name: getattr(parsed, name) for name in parsed.__slots__} | self._version(cohort_id))
        assert self.regions[cohort["region"]].put_cohort(versioned)

    def remove_cohort(self) -> None:
        if self.subjects["cohorts"]:
            cohort_id, cohort = self.subjects["cohorts"].popitem()
            assert self.regions[cohort["region"]].remove_cohort(cohort_id, self._next("c", cohort_id))

    def erase_learner(self) -> None:
        if self.subjects["learners"]:
            learner_id = self.rng.choice(sorted(self.subjects["learners"]))
            del self.subjects["learners"][learner_id]
            version = self._next("l", learner_id)
            for market in self.regions.values():
                assert market.remove_learner(learner_id, version, Ending.ERASED)

    def send_again(self) -> None:
        """Deliver what was delivered before: nothing may change."""
        for learner in self.subjects["learners"].values():
            self._tell_learner(learner, fresh=False)
        for opening in self.subjects["openings"].values():
            assert not self._tell_opening(opening)

    def change_catalog(self) -> None:
        self.document["catalog"] = markets.catalog_document(self.rng)
        for market in self.regions.values():
            market.set_catalog(self._alone().catalog)

    def change_policy(self) -> None:
        self.document["policy"] = markets.policy_document(self.rng)
        for market in self.regions.values():
            market.set_policy(self._alone().policy)

    def next_day(self) -> None:
        """Settle, remember the levels that held, and move on."""
        self.settle()
        self.yesterday = {
            (region, cell.subject): cell.level.word
            for region, market in self.regions.items()
            for cell in market.cells()
            if cell.level.word in PUBLISHED
        }
        day = date.fromisoformat(self.document["day"]) + timedelta(days=1)
        self.document["day"] = day.isoformat()
        for market in self.regions.values():
            assert market.set_day(day)
            assert not market.set_day(day)

    def restart(self) -> None:
        """Settle and rebuild every region from what is stored: nothing may change."""
        self.settle()
        for region, old in self.regions.items():
            new = RegionMarket(old.state(), old.catalog, old.policy, self.places)
            assert new.settle().is_empty
            assert (new.matches(), new.cells()) == (old.matches(), old.cells())
            self.regions[region] = new

    def _tell_learner(self, learner: Document, fresh: bool = True) -> None:
        parsed = self._alone(learners=[learner]).learners[0]
        for region, market in self.regions.items():
            if market_oracle.reaches(learner, region):
                assert market.put_learner(parsed) == fresh
            else:
                assert market.remove_learner(parsed.learner_id, parsed.version, Ending.WITHDRAWN) == fresh

    def _tell_opening(self, opening: Document) -> bool:
        parsed = self._alone(openings=[opening]).openings[0]
        return self.regions[parsed.region].put_opening(parsed)

    def _alone(self, **subjects: list[Document]) -> Market:
        nothing: Document = {"openings": [], "learners": [], "cohorts": []}
        return market_of(self.document | nothing | subjects, self.places)

    def _keep(self, kind: str, subject_id: str, new: Document) -> Document:
        old = self.subjects[kind].get(subject_id)
        changed = markets.partly_changed(self.rng, old, new) if old and self.rng.random() < 0.7 else new
        self.subjects[kind][subject_id] = changed
        return changed

    def _next(self, kind: str, subject_id: str) -> int:
        self.versions[kind, subject_id] = self.versions.get((kind, subject_id), 0) + 1
        return self.versions[kind, subject_id]

    def _version(self, cohort_id: str) -> dict[str, int]:
        return {"version": self._next("c", cohort_id)}


def signals_of(settlements: Iterable[Settlement]) -> list[SignalKind]:
    """The kinds of all signals, in order."""
    return [signal.kind for settlement in settlements for signal in settlement.signals]
