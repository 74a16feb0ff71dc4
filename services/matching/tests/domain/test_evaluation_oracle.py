"""The evaluation of any market is what a literal reading of MARKET.md says."""

import ast
import sys
from pathlib import Path

import market_oracle
from hypothesis import HealthCheck, given, settings
from markets import Document, market_documents, market_from_seed

from matching.adapters.market_file.files import market_of
from matching.adapters.market_file.writing import evaluation_document, market_document
from matching.domain.evaluation.by_engine import evaluate_by_regions
from matching.domain.evaluation.reference import evaluate
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_every_market_evaluates_as_the_text_says(places: Places, document: Document) -> None:
    market, expected = market_of(document, places), market_oracle.evaluate(document)
    assert evaluation_document(evaluate(market, places)) == expected
    assert evaluation_document(evaluate_by_regions(market, places)) == expected


def test_larger_markets_evaluate_as_the_text_says(places: Places) -> None:
    for seed in range(12):
        document = market_from_seed(seed, openings=24, learners=30, cohorts=6)
        market, expected = market_of(document, places), market_oracle.evaluate(document)
        assert evaluation_document(evaluate(market, places)) == expected, f"seed {seed}"
        assert evaluation_document(evaluate_by_regions(market, places)) == expected, f"seed {seed}, by the engine"


def test_the_random_markets_reach_what_the_rules_speak_of(places: Places) -> None:
    results = [market_oracle.evaluate(market_from_seed(seed, 24, 30, 6)) for seed in range(12)]
    cells = [cell for result in results for cell in result["cells"]]
    outcomes = [group for result in results for match in result["matches"] for group in match["groups"]]
    for name in ("level", "level_ahead"):
        assert {cell[name] for cell in cells} == {"insufficient_data", "surplus", "balanced", "shortage", "severe"}
    assert len({(cell["level"], cell["level_ahead"]) for cell in cells}) > len({cell["level"] for cell in cells})
    assert any(cell["level"] == "insufficient_data" for cell in cells if cell["openings"] > 1 and cell["employer_share"] > 667)
    assert all(any(cell[name] for cell in cells) for name in ("supply_home", "pipeline", "blocked", "top_credentials"))
    assert {outcome["evidence"] for outcome in outcomes} == {"verified", "attested", None}
    assert any(len(outcome["awards"]) > 1 for outcome in outcomes)
    assert {len(each["credentials"]) for result in results for each in result["pathways"]} == {1, 2, 3, 4, 5}


@settings(max_examples=60, deadline=None, suppress_health_check=ONE_TABLE)
@given(document=market_documents())
def test_a_market_that_is_written_reads_as_the_same_market(places: Places, document: Document) -> None:
    market = market_of(document, places)
    assert market_of(market_document(market), places) == market


def test_the_oracle_shares_no_code_with_the_product() -> None:
    modules = sorted(Path(market_oracle.__file__).parent.glob("*.py"))
    assert len(modules) > 5
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names, module.name
