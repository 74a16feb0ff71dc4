"""A market in which many learners with few scores want few places: shortlists overflow, and run dry when the best leave."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from examples import CLEVELAND_REGION, DAY, MILLING, PRINTS, WELDING, award, catalog, group, learner, opening
from msgspec import structs

from contracts.vocabulary import AwardStatus
from matching.domain.evaluation.reference import evaluate
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import Market, MarketAward, MarketLearner, MarketOpening
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import Ending, RegionState
from matching.domain.rules.matches import MatchKind
from reference.places import Places

SIZE = 300
SMALL_LISTS = {"shortlist_min": 2, "shortlist_max": 4, "shortlist_per_position": 1}
POLICY = Policy(**SMALL_LISTS, guard_openings=1, guard_employers=1, guard_employer_share=1000)
JOBS = (
    opening(group(WELDING), opening_id="any-welder", positions=3),
    opening(group(WELDING), group(MILLING, necessity="preferred", group_id="p"), opening_id="welder-miller"),
    opening(group(WELDING, MILLING), group(PRINTS, group_id="prints"), opening_id="reader", wage_max=2000, positions=4),
)


class Crowd:
    """One region; `learners` and `openings` are the truth that the market must equal."""

    def __init__(self, rng: Random, places: Places) -> None:
        self.rng, self.places, self.policy, self.day = rng, places, POLICY, DAY
        self.learners: dict[str, MarketLearner] = {}
        self.openings: dict[str, MarketOpening] = {}
        self.versions: dict[str, int] = {}
        self.market = RegionMarket(RegionState(region=CLEVELAND_REGION, day=DAY), catalog(), POLICY, places)
        self.listed: set[tuple[str, str]] = set()
        for job in JOBS:
            self._put_opening(job)
        self.arrive(SIZE)

    def settle(self) -> None:
        """Settle, fold the changes, and compare everything with the evaluation."""
        self._fold()
        market = Market(
            day=self.day,
            policy=self.policy,
            catalog=catalog(),
            openings=tuple(self.openings.values()),
            learners=tuple(self.learners.values()),
        )
        expected = evaluate(market, self.places)
        assert self.market.matches() == expected.matches
        assert {(match.opening_id, match.learner_id) for match in expected.matches} == self.listed
        unlocked = {name: self.market.unlocked(name) for name in self.learners}
        assert {name: set(each) for name, each in unlocked.items() if each} == {n: set(e) for n, e in expected.pathways.items()}
        assert [cell.measure for cell in self.market.cells()] == [cell.measure for cell in expected.cells]

    def arrive(self, count: int) -> None:
        """Some are new, some come back or are published again; most are equal except for their ids."""
        for number in self.rng.sample(range(2 * SIZE), count):
            self._put(self._random_learner(f"l{number:03}"))

    def best_leave(self, rounds: int) -> None:
        """The learners on top of every list leave, so that the next best enter, again and again."""
        leave = self.rng.choice([self._erase, self._stop_seeking, self._lose_awards, self._move_away])
        for _ in range(rounds):
            self._fold()
            for learner_id in sorted({match.learner_id for match in self.market.matches()}):
                leave(learner_id)

    def many_leave(self, percent: int) -> None:
        """Anyone, on a list or waiting, at once."""
        leave = self.rng.choice([self._erase, self._stop_seeking, self._lose_awards, self._move_away])
        for learner_id in [name for name in self.learners if self.rng.randrange(100) < percent]:
            leave(learner_id)

    def many_change(self, percent: int) -> None:
        """They rise and fall in the order without leaving it: other awards, other dates."""
        for name in [name for name in self.learners if self.rng.randrange(100) < percent]:
            self._put(self._random_learner(name))

    def opening_changes(self) -> None:
        job = self.rng.choice(list(self.openings.values()))
        positions = self.rng.randint(1, 6)
        self._put_opening(replace(job, positions=positions, wage_max=self.rng.choice([None, 1500, 2500])))

    def policy_changes(self) -> None:
        least = self.rng.randint(1, 3)
        most = least + self.rng.choice([0, 2, 20])
        changed = {"shortlist_min": least, "shortlist_max": most, "weight_evidence": self.rng.randint(1, 60)}
        self.policy = replace(self.policy, version=self.policy.version + 1, **changed)
        self.market.set_policy(self.policy)

    def day_passes(self) -> None:
        """Many awards end together."""
        self.settle()
        self.day += timedelta(days=1)
        self.market.set_day(self.day)

    def restart(self) -> None:
        self.market = RegionMarket(self.market.state(), catalog(), self.policy, self.places)

    def _fold(self) -> None:
        for change in self.market.settle().matches:
            pair = (change.record.opening_id, change.record.learner_id)
            assert (pair in self.listed) == (change.kind != MatchKind.PROPOSED)
            if change.kind == MatchKind.WITHDRAWN:
                self.listed.remove(pair)
            else:
                self.listed.add(pair)

    def _random_learner(self, name: str) -> MarketLearner:
        evidence = self.rng.choice(["verified", "verified", "attested"])
        others = [self._award(other, "attested") for other in (MILLING, PRINTS) if self.rng.random() < 0.6]
        since: date | None = self.rng.choice([None, DAY, DAY, DAY - timedelta(days=1)])
        welding, wage = self._award(WELDING, evidence), self.rng.choice([None, 1800])
        return learner(welding, *others, learner_id=name, seeking_since=since, wage_floor=wage)

    def _award(self, credential: str, evidence: str) -> MarketAward:
        ends = self.rng.choice([None, None, self.day + timedelta(days=self.rng.randint(1, 3))])
        return award(credential, evidence=evidence, expires_on=ends)

    def _erase(self, name: str) -> None:
        self._forget(name, Ending.ERASED)

    def _move_away(self, name: str) -> None:
        self._forget(name, Ending.WITHDRAWN)

    def _stop_seeking(self, name: str) -> None:
        self._put(structs.replace(self.learners[name], seeking=False))

    def _lose_awards(self, name: str) -> None:
        lost = tuple(structs.replace(each, status=AwardStatus.REVOKED) for each in self.learners[name].awards)
        self._put(structs.replace(self.learners[name], awards=lost))

    def _forget(self, name: str, ending: Ending) -> None:
        self.learners.pop(name)
        assert self.market.remove_learner(name, self._next(name), ending)

    def _put(self, person: MarketLearner) -> None:
        self.learners[person.learner_id] = structs.replace(person, version=self._next(person.learner_id))
        assert self.market.put_learner(self.learners[person.learner_id])

    def _put_opening(self, job: MarketOpening) -> None:
        self.openings[job.opening_id] = replace(job, version=self._next(job.opening_id))
        assert self.market.put_opening(self.openings[job.opening_id])

    def _next(self, name: str) -> int:
        self.versions[name] = self.versions.get(name, 0) + 1
        return self.versions[name]
