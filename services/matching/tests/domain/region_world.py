"""A small world of several regions in which anything happens in any order, and a reader of what their markets publish."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random

import markets
import world_messages
from markets import Document
from reader import Heard, Reader
from world_messages import Message
from world_subjects import WorldSubjects

from matching.domain.cells.shortage_cell import SignalKind
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState, Settlement
from reference.places import Places

PUBLISHED = ("surplus", "balanced", "shortage", "severe")
LEARNERS, OPENINGS, COHORTS = 12, 10, 4


class World:
    """Subjects, the region markets that receive them, what was stored of each, and a reader of each.

    Every action draws from `rng` alone; nothing settles but `settle`, and what must settle first by the contract.
    """

    def __init__(self, rng: Random, places: Places) -> None:
        self.rng = rng
        self.places = places
        self.subjects = WorldSubjects(rng, places)
        self.erased: set[str] = set()
        self.sent: list[Message] = []
        self.heard: dict[tuple[str, tuple[str, str]], int] = {}
        self.readers = {region: Reader() for region in markets.REGIONS}
        self.settlements: list[Settlement] = []
        self.yesterday: dict[tuple[str, str], str] = {}
        now = self.subjects.market()
        self.stored = {region: RegionState(region=region, day=now.day) for region in markets.REGIONS}
        self.unstored: dict[str, list[Message]] = {region: [] for region in markets.REGIONS}
        self.regions = {region: self.open(state) for region, state in self.stored.items()}
        for action in [self.put_learner] * LEARNERS + [self.put_opening] * OPENINGS:
            action()

    def live_for(self, steps: int, when_settled: Callable[["World"], None]) -> None:
        """Let random things happen, and settle now and then."""
        often = [self.put_learner] * 16 + [self.put_opening] * 8 + [self.put_cohort] * 2 + [self.settle] * 6
        seldom = [self.erase_learner, self.remove_opening, self.remove_cohort, self.send_again, self.redefine_credential]
        seldom += [self.define_or_forget_credential, self.change_catalog, self.change_policy, self.pass_days]
        for _ in range(steps):
            action = self.rng.choice([*often, *seldom, self.restart, self.rebuild_midway, self.move, self.absorb])
            action()
            if action == self.settle:
                when_settled(self)
        self.settle()
        when_settled(self)

    # What happens to subjects.

    def put_learner(self) -> None:
        learner_id = f"l{self.rng.randrange(LEARNERS)}"
        self.erased.discard(learner_id)
        self._put(lambda: self._learner_messages(learner_id))

    def put_opening(self) -> None:
        opening_id = f"o{self.rng.randrange(OPENINGS)}"
        self._put(lambda: world_messages.opening_put(self.subjects.new_opening(self.rng, opening_id)))

    def put_cohort(self) -> None:
        cohort_id = f"c{self.rng.randrange(COHORTS)}"
        self._put(lambda: world_messages.cohort_put(self.subjects.new_cohort(self.rng, cohort_id)))

    def erase_learner(self) -> None:
        """Known or not."""
        learner_id = f"l{self.rng.randrange(LEARNERS)}"
        self.erased.add(learner_id)
        version = self.subjects.erase_learner(learner_id)
        self._send(world_messages.learner_erased(learner_id, version, self.regions))

    def remove_opening(self) -> None:
        removed = self.subjects.remove_opening(self.rng)
        if removed is not None:
            self._send(world_messages.opening_removed(removed))

    def remove_cohort(self) -> None:
        removed = self.subjects.remove_cohort(self.rng)
        if removed is not None:
            self._send(world_messages.cohort_removed(removed))

    def send_again(self) -> None:
        """Deliver copies of earlier messages, delivered or withheld: late ones change nothing."""
        for message in self.rng.sample(self.sent, min(8, len(self.sent))):
            self._deliver(message)

    # What happens to the rules and the date.

    def redefine_credential(self) -> None:
        """One definition changes in what it confers, implies or is composed of."""
        credentials = self.subjects.document["catalog"]["credentials"]
        place = self.rng.randrange(len(credentials))
        changed = markets.credential_document(self.rng, credentials[place]["id"])
        self._set_catalog([*credentials[:place], changed, *credentials[place + 1 :]])

    def define_or_forget_credential(self) -> None:
        """A definition arrives, perhaps long after awards and openings spoke of it; or it goes."""
        self.subjects.undefined ^= {self.rng.choice(markets.CREDENTIALS)}
        self._set_catalog(self.subjects.document["catalog"]["credentials"])

    def change_catalog(self) -> None:
        self._set_catalog(markets.catalog_document(self.rng)["credentials"])

    def change_policy(self) -> None:
        before = self.subjects.policy()
        self.subjects.document["policy"] = markets.policy_document(self.rng)
        policy = self.subjects.policy()
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
        day = date.fromisoformat(self.subjects.document["day"]) + timedelta(days=self.rng.choice([1] * 8 + [2, 31, 180]))
        self.subjects.document["day"] = day.isoformat()
        for region, market in self.regions.items():
            assert market.set_day(day)
            assert not market.set_day(day)
            self._store(region)

    # What happens to the processes.

    def settle(self) -> None:
        """Settle every region; note the levels that "insufficient_data forgets yesterday" forgets."""
        document = self.subjects.known_document()
        for region, market in self.regions.items():
            settlement = market.settle()
            heard = Heard(region, document, self.subjects.versions, frozenset(self.erased))
            self.readers[region].consume(settlement, heard)
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
        for message in missed:
            message.take(self.regions[region])

    def open(self, state: RegionState) -> RegionMarket:
        """A market of what is stored, under the rules of now."""
        return RegionMarket(state, self.subjects.catalog(), self.subjects.policy(), self.places)

    def _store(self, region: str) -> None:
        self.stored[region], self.unstored[region] = self.regions[region].state(), []

    def _learner_messages(self, learner_id: str) -> list[Message]:
        learner = self.subjects.new_learner(self.rng, learner_id)
        return world_messages.learner_put(learner, self.subjects.reached(learner_id))

    def _put(self, change: Callable[[], list[Message]]) -> None:
        """Publish a subject's new state; sometimes the one before it is delayed and comes late, or never."""
        if self.rng.random() < 0.1:
            self.sent += change()
        self._send(change())

    def _send(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.sent.append(message)
            assert self._deliver(message)

    def _deliver(self, message: Message) -> bool:
        newest = self.heard.get((message.region, message.subject), 0)
        is_news = message.take(self.regions[message.region])
        assert is_news == (message.version > newest)
        self.heard[message.region, message.subject] = max(newest, message.version)
        if is_news or self.rng.random() < 0.5:
            self.unstored[message.region].append(message)
        return is_news

    def _set_catalog(self, credentials: list[Document]) -> None:
        self.subjects.set_credentials(credentials)
        catalog = self.subjects.catalog()
        for market in self.regions.values():
            is_news = catalog != market.catalog
            assert market.set_catalog(catalog) == is_news


def signals_of(settlements: Iterable[Settlement]) -> list[SignalKind]:
    """The kinds of all signals, in order."""
    return [signal.kind for settlement in settlements for signal in settlement.signals]
