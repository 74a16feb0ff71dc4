"""The law of MARKET.md section 10 and what follows from it, asserted of a world that has just settled."""

from dataclasses import replace
from random import Random

import market_oracle
from region_world import World

from matching.adapters.market_file.writing import evaluation_document
from matching.domain.cells.shortage_cell import Cell, CellMeasure, Level
from matching.domain.evaluation.reach import evaluate_reach
from matching.domain.evaluation.reference import evaluate
from matching.domain.market.subjects import Market
from matching.domain.region.live_market import RegionMarket

LEVELS = ["surplus", "balanced", "shortage", "severe"]


def assert_law(world: World) -> None:
    """Every market equals the evaluation of the world, every reader has received as much, and signals describe their cells."""
    market, document = world.subjects.market(), world.subjects.known_document()
    expected = evaluate(market, world.places)
    literal, written = market_oracle.evaluate(document), evaluation_document(expected)
    assert {name: written[name] for name in literal} == literal
    assert_reach(world, market)
    regions = {opening.opening_id: opening.region for opening in market.openings}
    for region, found in world.regions.items():
        assert found.matches() == tuple(match for match in expected.matches if regions[match.opening_id] == region)
        cells = {cell.subject: (cell.measure, cell.level_ahead) for cell in expected.cells if cell.region == region}
        assert {cell.subject: (cell.measure, cell.level_ahead) for cell in found.cells()} == cells
        assert_pathways(world, found, market)
        assert_levels(world, found)
        assert_read(world, found)


def assert_pathways(world: World, found: RegionMarket, market: Market) -> None:
    """Section 11: what each credential would unlock in the region, for everyone there is."""
    own = tuple(opening for opening in market.openings if opening.region == found.region)
    uncut = replace(market, openings=own, policy=replace(market.policy, pathway_size=100))
    pathways = evaluate(uncut, world.places).pathways
    for learner in market.learners:
        expected = sorted(pathways.get(learner.learner_id, ()), key=lambda each: each.credential)
        assert [*found.unlocked(learner.learner_id)] == expected


def assert_reach(world: World, market: Market) -> None:
    """Section 15: for the live openings, and for drafts of which nothing was known before and nothing is afterwards."""
    drafts = world.subjects.drafts(Random(len(world.sent)))
    expected = evaluate_reach(market, world.places, drafts)
    found = {draft.opening_id: world.regions[draft.region].count_learners(draft) for draft in drafts}
    for region in world.regions.values():
        live = (opening for name in region.live_openings() if (opening := region.live_opening(name)) is not None)
        found |= {opening.opening_id: region.count_learners(opening) for opening in live}
    assert found == expected


def assert_levels(world: World, market: RegionMarket) -> None:
    """Section 12: a level follows from tightness and the level of yesterday."""
    policy = market_oracle.policy_of(world.subjects.document)
    for cell in market.cells():
        assert cell.level.word == level_after(policy, world.yesterday.get((cell.region, cell.subject)), cell.measure)


def level_after(policy: dict[str, int], yesterday: str | None, measure: CellMeasure) -> str:
    evidence = measure.openings, measure.employers, measure.employer_share
    now = market_oracle.level_of(policy, *evidence, measure.tightness)
    if yesterday is None or now not in LEVELS or LEVELS.index(now) >= LEVELS.index(yesterday):
        return now
    level = yesterday
    while level != "surplus" and 10 * measure.tightness < 9 * policy[f"threshold_{level}"]:
        level = LEVELS[LEVELS.index(level) - 1]
    return level


def assert_read(world: World, market: RegionMarket) -> None:
    """Sections 10 and 13: what was published folds to what holds."""
    reader = world.readers[market.region]
    live = {(match.opening_id, match.learner_id): match.facts.revising for match in market.matches()}
    assert {pair: record.facts.revising for pair, record in reader.live.items()} == live
    cells = {cell.subject: cell for cell in market.cells()}
    for subject in cells.keys() | reader.signals.keys():
        cell, signal = cells.get(subject), reader.signals.get(subject)
        level = cell.level if cell else Level.INSUFFICIENT_DATA
        assert (signal.level if signal else Level.INSUFFICIENT_DATA) == level
        if cell and signal and level != Level.INSUFFICIENT_DATA:
            assert signal.level_ahead == cell.level_ahead
            assert_within_a_tenth(signal.measure, cell)


def assert_within_a_tenth(published: CellMeasure, cell: Cell) -> None:
    for name in ("demand", "supply", "pipeline", "blocked"):
        old, new = getattr(published, name), getattr(cell.measure, name)
        assert 10 * abs(new - old) <= old
