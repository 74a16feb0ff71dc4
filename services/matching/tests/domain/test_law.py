"""The law of section 10: whatever happens to a world in whatever order, its markets equal the evaluation when they settle.

A failing history is printed as the calls that lead to it, ready to be pasted into a test. `MAKERSYNC_EXAMPLES=N` runs N
histories, other ones each time; without it the same few run every time.
"""

import os
from random import Random
from unittest.mock import patch

import pytest
from crowd import Crowd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from law import assert_law
from region_world import World
from world_messages import Message

from matching.domain.engine.region_engine import RegionEngine
from matching.domain.region import match_versions
from matching.domain.region.state import RegionState
from reference.places import load_places

pytestmark = pytest.mark.timeout(3600)
"""A failing history takes minutes to be made short, and an asked number of them takes as long as it takes."""

ASKED = os.environ.get("MAKERSYNC_EXAMPLES")
SEEDS = st.integers(0, 2**32 - 1)


RULES = ["redefine_credential", "define_or_forget_credential", "change_catalog", "change_policy"]


def histories(examples: int, steps: int) -> settings:
    """So many histories of so many steps; all else as hypothesis has it."""
    return settings(
        max_examples=int(ASKED or examples),
        stateful_step_count=steps,
        derandomize=ASKED is None,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def some(*names: str) -> st.SearchStrategy[list[str]]:
    """A few of these actions of a world, in any order, some of them several times."""
    return st.lists(st.sampled_from(names), min_size=1, max_size=8)


class Histories(RuleBasedStateMachine):
    """Batches of changes, rules that change, days that pass and processes that die, between settlements."""

    world: World

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        self.world = World(Random(seed), load_places())

    @rule(names=some("put_learner", "put_learner", "put_learner", "put_opening", "put_opening", "put_cohort"), seed=SEEDS)
    def change(self, names: list[str], seed: int) -> None:
        self.act(names, seed)

    @rule(names=some("put_learner", "erase_learner", "remove_opening", "remove_cohort", "send_again"), seed=SEEDS)
    def end(self, names: list[str], seed: int) -> None:
        self.act(names, seed)

    @rule(name=st.sampled_from(RULES), seed=SEEDS)
    def change_rules(self, name: str, seed: int) -> None:
        self.act([name], seed)

    @rule(seed=SEEDS)
    def pass_days(self, seed: int) -> None:
        self.act(["pass_days"], seed)

    @rule(name=st.sampled_from(["restart", "rebuild_midway", "move", "absorb"]), seed=SEEDS)
    def change_owner(self, name: str, seed: int) -> None:
        self.act([name], seed)

    @rule()
    def settle(self) -> None:
        self.world.settle()
        assert_law(self.world)

    def act(self, names: list[str], seed: int) -> None:
        self.world.rng = Random(seed)
        for name in names:
            getattr(self.world, name)()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.settle()


class ManyHistories(Histories):
    """Enough of them to meet what few meet."""


test_any_history_settles_to_the_evaluation_of_its_end = Histories.TestCase
Histories.TestCase.settings = histories(examples=12, steps=24)
test_many_histories_settle_to_the_evaluation_of_their_ends = pytest.mark.slow(ManyHistories.TestCase)
ManyHistories.TestCase.settings = histories(examples=120, steps=24)


@histories(examples=25, steps=1)
@pytest.mark.slow
@given(seed=SEEDS)
def test_any_long_history_settles_to_the_evaluation_each_time(seed: int) -> None:
    World(Random(seed), load_places()).live_for(120, assert_law)


@histories(examples=12, steps=1)
@pytest.mark.slow
@given(seed=SEEDS)
def test_a_history_settles_to_the_evaluation_whenever_what_is_unused_is_forgotten(seed: int) -> None:
    """After every update, and not only where much of it has gathered. What ended is forgotten as well, but not how high its
    versions were."""
    always = patch.object(RegionEngine, "_tidy", RegionEngine._renumber), patch.object(match_versions, "FEWEST_ENDED", 0)
    with always[0], always[1]:
        World(Random(seed), load_places()).live_for(80, assert_law)
        crowd = Crowd(Random(seed), load_places())
        for step in (crowd.opening_changes, crowd.day_passes, lambda: crowd.many_change(60), lambda: crowd.best_leave(3)):
            step()
            crowd.settle()


class Crowds(RuleBasedStateMachine):
    """Those on short lists leave faster than anyone keeps a reserve for."""

    crowd: Crowd

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        self.crowd = Crowd(Random(seed), load_places())
        self.crowd.settle()

    @rule(rounds=st.integers(1, 40), seed=SEEDS)
    def best_leave(self, rounds: int, seed: int) -> None:
        self.crowd.rng = Random(seed)
        self.crowd.best_leave(rounds)

    @rule(name=st.sampled_from(["many_leave", "many_change"]), percent=st.integers(1, 95), seed=SEEDS)
    def many_move(self, name: str, percent: int, seed: int) -> None:
        self.crowd.rng = Random(seed)
        getattr(self.crowd, name)(percent)

    @rule(count=st.integers(1, 150), seed=SEEDS)
    def arrive(self, count: int, seed: int) -> None:
        self.crowd.rng = Random(seed)
        self.crowd.arrive(count)

    @rule(name=st.sampled_from(["opening_changes", "policy_changes", "day_passes", "restart"]), seed=SEEDS)
    def change(self, name: str, seed: int) -> None:
        self.crowd.rng = Random(seed)
        getattr(self.crowd, name)()

    @rule()
    def settle(self) -> None:
        self.crowd.settle()

    def teardown(self) -> None:
        if hasattr(self, "crowd"):
            self.crowd.settle()


class ManyCrowds(Crowds):
    """Enough of them to meet what few meet."""


test_the_next_best_enter_however_many_leave = Crowds.TestCase
Crowds.TestCase.settings = histories(examples=10, steps=12)
test_the_next_best_enter_in_many_crowds = pytest.mark.slow(ManyCrowds.TestCase)
ManyCrowds.TestCase.settings = histories(examples=30, steps=12)


@histories(examples=4, steps=1)
@example(seed=14723)
@given(seed=SEEDS)
def test_batches_of_any_size_end_in_the_same_state(seed: int) -> None:
    demand_the_same_state_from_batches_of_any_size(seed)


@histories(examples=25, steps=1)
@pytest.mark.slow
@given(seed=SEEDS)
def test_batches_of_any_size_end_in_the_same_state_in_many_histories(seed: int) -> None:
    demand_the_same_state_from_batches_of_any_size(seed)


def demand_the_same_state_from_batches_of_any_size(seed: int) -> None:
    world = World(Random(seed), load_places())
    for _ in range(60):
        world.rng.choice([world.put_learner] * 4 + [world.put_opening] * 2 + [world.put_cohort, world.erase_learner])()
    for region, market in world.regions.items():
        sent = [each for each in world.sent if each.region == region]
        market.settle()
        whole = market.matches(), market.cells()
        for most in (1, 7):
            assert settled_in_batches(world, region, sent, most) == whole


def settled_in_batches(world: World, region: str, sent: list[Message], most: int) -> object:
    """The matches and cells of a new market that hears the same in batches of up to `most`."""
    market = world.open(RegionState(region=region, day=world.subjects.market().day))
    while sent:
        batch, sent = sent[:most], sent[most:]
        for each in batch:
            each.take(market)
        market.settle()
    return market.matches(), market.cells()
