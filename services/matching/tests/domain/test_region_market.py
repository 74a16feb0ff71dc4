"""What histories of a region's market amount to, beside the law itself."""

import subprocess
import sys
from pathlib import Path
from random import Random

from examples import WELDING, award, group, learner, opening, region
from msgspec import structs
from region_world import World, signals_of

from matching.domain.cells.shortage_cell import SignalKind
from matching.domain.region.state import Ending
from reference.places import Places, load_places

STEPS = 60
MOST_HISTORIES = 50


def world_after(seed: int, places: Places) -> World:
    world = World(Random(seed), places)
    world.live_for(STEPS, lambda _world: None)
    return world


def test_random_histories_publish_every_kind_of_event(places: Places) -> None:
    reasons: set[object] = set()
    kinds: set[object] = set()
    signals: set[SignalKind] = set()
    for seed in range(MOST_HISTORIES):
        settlements = world_after(seed, places).settlements
        changes = [change for settlement in settlements for change in settlement.matches]
        reasons |= {change.reason for change in changes} - {None}
        kinds |= {change.kind for change in changes}
        signals |= set(signals_of(settlements))
        if (len(reasons), len(kinds), signals) == (9, 3, set(SignalKind)):
            return
    raise AssertionError(f"in {MOST_HISTORIES} histories only {reasons}, {kinds} and {signals}")


def test_nothing_touched_settles_to_nothing(places: Places) -> None:
    world = world_after(7, places)
    assert all(market.settle().is_empty for market in world.regions.values())


def test_a_history_publishes_the_same_whatever_the_order_of_sets() -> None:
    assert digest_with("1") == digest_with("2")


def digest_with(hash_seed: str) -> str:
    script = "import hashlib, test_region_market as t; print(hashlib.sha256(t.published(3).encode()).hexdigest())"
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parent)}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert len(run.stdout.strip()) == 64
    return run.stdout


def published(seed: int) -> str:
    """Everything that a history published, as text; the subjects beside the matches, which hold sets, are not."""
    settlements = world_after(seed, load_places()).settlements
    matches = [structs.replace(change, opening=None, learner=None) for each in settlements for change in each.matches]
    return repr((matches, [(each.signals, each.cells) for each in settlements]))


def test_who_takes_the_slot_of_one_who_left_is_near_nothing_that_the_other_was_near(places: Places) -> None:
    """Guards: a bitmap of who is near, made while a slot was free, held that slot. Whoever took it next was listed for openings
    out of reach, and stayed on the list after leaving."""
    market = region(places)
    market.put_opening(opening(group(WELDING)))
    market.put_learner(learner(award(WELDING), learner_id="first"))
    market.settle()
    market.remove_learner("first", 2, Ending.WITHDRAWN)
    market.settle()
    market.put_opening(opening(group(WELDING), opening_id="new", zip="44102"))
    market.settle()
    market.put_learner(learner(award(WELDING), learner_id="far", zip="44067", reach_km=5))
    market.settle()
    market.put_opening(opening(group(WELDING), opening_id="new", zip="44102", version=2, positions=2))
    market.settle()
    assert not market.matches()
