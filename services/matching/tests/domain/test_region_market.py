"""After any history a region's market is what the batch evaluation of its final state says."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import market_oracle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from region_world import Reader, World, signals_of

from makersync.places import Places, load_places
from matching.domain.evaluation import Evaluation, evaluate
from matching.domain.records import Cell, CellMeasure, Level, SignalKind
from matching.domain.region import RegionMarket

STEPS = 40
LEVELS = ["surplus", "balanced", "shortage", "severe"]
histories = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def world_after(rng: Random, places: Places) -> World:
    world = World(rng, places)
    world.live_for(STEPS)
    return world


@histories
@given(rng=st.randoms(use_true_random=False))
def test_live_matches_equal_the_batch_evaluation_after_any_history(places: Places, rng: Random) -> None:
    world = world_after(rng, places)
    expected = evaluate(world.market(), places)
    for region, market in world.regions.items():
        own = {opening.opening_id for opening in world.market().openings if opening.region == region}
        assert market.matches() == tuple(match for match in expected.matches if match.opening_id in own)
        check_reader(world.readers[region], market)


def check_reader(reader: Reader, market: RegionMarket) -> None:
    live = {(match.opening_id, match.learner_id): match.facts for match in market.matches()}
    assert {pair: record.facts for pair, record in reader.live.items()} == live


@histories
@given(rng=st.randoms(use_true_random=False))
def test_cells_equal_the_batch_evaluation_after_any_history(places: Places, rng: Random) -> None:
    world = world_after(rng, places)
    expected: Evaluation = evaluate(world.market(), places)
    measures = {(cell.region, cell.subject): cell.measure for cell in expected.cells}
    found = {(cell.region, cell.subject): cell.measure for market in world.regions.values() for cell in market.cells()}
    assert found == measures


@histories
@given(rng=st.randoms(use_true_random=False))
def test_levels_follow_from_tightness_and_the_level_of_yesterday(places: Places, rng: Random) -> None:
    world = world_after(rng, places)
    policy = market_oracle.policy_of(world.document)
    for region, market in world.regions.items():
        for cell in market.cells():
            assert cell.level.word == level_after(policy, world.yesterday.get((region, cell.subject)), cell.measure)


def level_after(policy: dict[str, int], yesterday: str | None, measure: CellMeasure) -> str:
    now = market_oracle.level_of(policy, measure.openings, measure.employers, measure.tightness)
    if yesterday is None or now not in LEVELS or LEVELS.index(now) >= LEVELS.index(yesterday):
        return now
    level = yesterday
    while level != "surplus" and 10 * measure.tightness < 9 * policy[f"threshold_{level}"]:
        level = LEVELS[LEVELS.index(level) - 1]
    return level


@histories
@given(rng=st.randoms(use_true_random=False))
def test_the_last_signal_of_a_cell_has_its_level_and_is_within_a_tenth(places: Places, rng: Random) -> None:
    world = world_after(rng, places)
    for region, market in world.regions.items():
        cells = {cell.subject: cell for cell in market.cells()}
        signals = world.readers[region].signals
        for subject in cells.keys() | signals.keys():
            cell, signal = cells.get(subject), signals.get(subject)
            level = cell.level if cell else Level.INSUFFICIENT_DATA
            assert (signal.level if signal else Level.INSUFFICIENT_DATA) == level
            if cell and signal and level != Level.INSUFFICIENT_DATA:
                assert_within_a_tenth(signal.measure, cell)


def assert_within_a_tenth(published: CellMeasure, cell: Cell) -> None:
    for name in ("demand", "supply", "pipeline", "blocked"):
        old, new = getattr(published, name), getattr(cell.measure, name)
        assert 10 * abs(new - old) <= old


def test_random_histories_publish_every_kind_of_event(places: Places) -> None:
    settlements = [s for seed in range(25) for s in world_after(Random(seed), places).settlements]
    changes = [change for settlement in settlements for change in settlement.matches]
    reasons = Counter(change.reason for change in changes if change.reason is not None)
    assert len(reasons) == 9, reasons
    assert len({change.kind for change in changes}) == 3
    assert set(signals_of(settlements)) == set(SignalKind)


def test_nothing_touched_settles_to_nothing(places: Places) -> None:
    world = world_after(Random(7), places)
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
    """Everything that a history published, as text; sets inside are not part of it."""
    return repr([(s.matches, s.signals, s.cells) for s in world_after(Random(seed), load_places()).settlements])
