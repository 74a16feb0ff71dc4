"""Section 14: a market file is read at once as it is read field by field, or not at all."""

import json
from random import Random

import pytest
from damage import Damage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markets import market_document as random_document
from markets import market_from_seed

from matching.adapters.market_file.files import InvalidMarket, market_of, read_market, read_sound
from matching.adapters.market_file.problems import parse_json
from matching.adapters.market_file.writing import market_document
from matching.domain.market.subjects import Market
from reference.places import Places

ONE_TABLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SEEDS = st.integers(0, 2**32)


def strictly(text: str, places: Places) -> Market | InvalidMarket:
    """What reading field by field makes of a text."""
    try:
        return market_of(parse_json(text), places)
    except InvalidMarket as refusal:
        return refusal
    except (ValueError, RecursionError):
        return InvalidMarket([])


@settings(max_examples=150, deadline=None, suppress_health_check=ONE_TABLE)
@given(seed=SEEDS)
def test_a_file_is_read_at_once_as_it_is_read_field_by_field_or_not_at_all(places: Places, seed: int) -> None:
    demand_the_same_from_both_ways_of_reading(places, seed)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=ONE_TABLE)
@given(seed=SEEDS)
def test_many_files_are_read_at_once_as_they_are_read_field_by_field_or_not_at_all(places: Places, seed: int) -> None:
    demand_the_same_from_both_ways_of_reading(places, seed)


def demand_the_same_from_both_ways_of_reading(places: Places, seed: int) -> None:
    rng = Random(seed)
    text = Damage(rng, random_document(rng, 2, 3, 2)).text()
    expected = strictly(text, places)
    for form in (text, text.encode("utf-8", "surrogatepass")):
        market = read_sound(form, places)
        if market is not None:
            assert isinstance(expected, Market), f"read field by field it is refused: {expected}"
            assert market == expected
            assert json.dumps(market_document(market)) == json.dumps(market_document(expected))


@pytest.mark.parametrize("seed", range(20))
def test_a_file_without_problems_is_read_at_once(places: Places, seed: int) -> None:
    document = market_from_seed(seed, 24, 30, 6)
    text = json.dumps(document, indent=seed % 3 or None, ensure_ascii=bool(seed % 2))
    assert read_sound(text, places) == market_of(document, places)


def test_nulls_and_odd_texts_and_numbers_are_read_at_once(places: Places) -> None:
    document = market_from_seed(1)
    document["policy"] = document["openings"][0]["occupation"] = document["learners"][0]["seeking_since"] = None
    document["openings"][0] |= {"title": 'A "quoted": title, \\": and é', "wage_min": 0, "wage_max": 10**30}
    document["learners"][0] |= {"reach_km": None, "remote_ok": None, "awards": None, "version": None, "wage_floor": 0}
    assert read_sound(json.dumps(document), places) == market_of(document, places)


@pytest.mark.parametrize("name", ["day", "openings", "provider_id", "credential", "level", "id", "award_id", "enrolled"])
@pytest.mark.parametrize("other", ["null", "1", '"x"'])
def test_a_repeated_field_is_reported_field_by_field(places: Places, name: str, other: str) -> None:
    text = json.dumps(market_from_seed(1)).replace(f'"{name}": ', f'"{name}" : {other}, "{name}": ', 1)
    assert read_sound(text, places) is None
    with pytest.raises(InvalidMarket, match="repeated field"):
        read_market(text, places)
