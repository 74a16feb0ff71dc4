"""What has no definition yet is written so that the result stays the same."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markets import COMPETENCIES, CREDENTIALS, Document, market_documents

from matching.adapters.market_file.closing import UNDEFINED, closed
from matching.adapters.market_file.files import market_of
from matching.adapters.market_file.writing import market_document
from matching.domain.cells.shortage_cell import Cell
from matching.domain.evaluation.reference import evaluate
from matching.domain.market.catalog import MarketCatalog, credential_subject
from matching.domain.market.subjects import Market
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=80, deadline=None, suppress_health_check=ONE_TABLE)
@given(
    document=market_documents(),
    undefined=st.sets(st.sampled_from(CREDENTIALS + COMPETENCIES), min_size=1, max_size=5),
)
def test_a_closed_market_is_a_file_with_the_same_result(places: Places, document: Document, undefined: set[str]) -> None:
    market = without(market_of(document, places), undefined)
    written = market_of(market_document(closed(market)), places)
    before, after = evaluate(market, places), evaluate(written, places)
    assert (after.matches, after.pathways) == (before.matches, before.pathways)
    assert {renamed(cell, undefined) for cell in before.cells} == set(after.cells)


def test_a_market_with_every_definition_is_left_as_it_is(places: Places) -> None:
    market = market_of({"day": "2026-11-20", "catalog": {"competencies": [], "credentials": []}} | NOBODY, places)
    assert closed(market) == market


NOBODY: Document = {"openings": [], "learners": [], "cohorts": []}


def without(market: Market, undefined: set[str]) -> Market:
    """The market before these definitions have arrived."""
    catalog = market.catalog
    competencies = (each for each in catalog.competencies.values() if each.id not in undefined)
    credentials = (each for each in catalog.credentials.values() if each.id not in undefined)
    return replace(market, catalog=MarketCatalog.of(competencies, credentials))


def renamed(cell: Cell, undefined: set[str]) -> Cell:
    kind, _, name = cell.subject.partition(":")
    stands_for_nothing = cell.subject == credential_subject(name) and name in undefined
    return replace(cell, subject=f"competency:{UNDEFINED}{name}@1") if stands_for_nothing and kind == "credential" else cell
