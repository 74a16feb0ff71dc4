"""Section 14: a market file is read as the market that it describes, written as it was read, and compared pair by pair."""

import json
from dataclasses import replace

import pytest
from market_file import FILE, edited, without
from markets import DAY
from msgspec import structs

from matching.adapters.market_file.files import compare, market_of, read_market
from matching.adapters.market_file.writing import evaluation_document, market_document
from matching.domain.evaluation.reference import Evaluation, evaluate
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import CompetencyAlternative, CredentialAlternative, Market
from reference.places import Places


def test_a_file_reads_as_the_market_that_it_describes(places: Places) -> None:
    market = read_market(json.dumps(FILE), places)
    (job,), (ann,), (cohort,) = market.openings, market.learners, market.cohorts
    assert (market.day, market.policy) == (DAY, Policy())
    assert (job.region, job.version, job.remaining, ann.version) == ("17410", 3, 1, 1)
    assert job.groups[0].any_of[1] == CompetencyAlternative("milling", 2)
    assert (job.groups[1].weight, job.groups[1].verified_only) == (1, False)
    assert market.catalog.holdings(["nims:milling"]) == {"nims:milling", "aws:welding"}
    assert (ann.reach_km, len(ann.awards), cohort.open_seats) == (30, 1, 0)


def test_its_evaluation_is_the_document_of_the_section(places: Places) -> None:
    result = evaluation_document(evaluate(market_of(FILE, places), places))
    assert result["matches"] == [
        {
            "opening_id": "job",
            "learner_id": "ann",
            "rank": 1,
            "score": 10_000,
            "components": {"preferred": 10_000, "evidence": 10_000},
            "groups": [
                {"id": "must", "met": True, "evidence": "verified", "awards": ["a1"]},
                {"id": "nice", "met": True, "evidence": "verified", "awards": ["a1"]},
            ],
        }
    ]
    welding = {"region": "17410", "demand": 500, "openings": 1, "employers": 1, "supply": 1, "supply_home": 1}
    welding |= {"pipeline": 0, "blocked": 0, "tightness": 833, "level": "insufficient_data"}
    welding |= {"employer_share": 1000, "tightness_ahead": 833, "level_ahead": "insufficient_data"}
    assert result["cells"] == [
        {"subject": "competency:milling@2", "top_credentials": ["nims:milling"], **welding},
        {"subject": "credential:aws:welding", "top_credentials": ["nims:milling", "aws:welding"], **welding},
    ]
    assert json.loads(json.dumps(result)) == result


def test_null_means_absent_and_defaults_apply(places: Places) -> None:
    document = edited("learners", 0, "reach_km", to=None)
    document["openings"][0] |= {"filled": None, "start_by": None, "version": None, "remote": None}
    document["policy"] = None
    market = market_of(document, places)
    assert market.learners[0].reach_km == 40
    assert (market.openings[0].filled, market.openings[0].start_by, market.openings[0].version) == (0, None, 1)


def test_a_policy_may_be_given_in_part(places: Places) -> None:
    assert market_of(edited("policy", to={"smoothing": 7, "version": None}), places).policy == Policy(smoothing=7)


def test_a_remote_opening_lies_in_the_remote_region(places: Places) -> None:
    document = without("openings", 0, "zip")
    document["openings"][0]["remote"] = True
    assert market_of(document, places).openings[0].region == "remote"


def test_identical_alternatives_are_kept_once(places: Places) -> None:
    twice = [{"credential": "aws:welding"}, {"credential": "aws:welding"}]
    market = market_of(edited("openings", 0, "groups", 0, "any_of", to=twice), places)
    assert len(market.openings[0].groups[0].any_of) == 1


def test_an_alternative_may_name_the_fields_of_the_other_form_as_null(places: Places) -> None:
    forms = [{"credential": "aws:welding", "competency": None, "level": None}]
    market = market_of(edited("openings", 0, "groups", 0, "any_of", to=forms), places)
    assert market.openings[0].groups[0].any_of == (CredentialAlternative("aws:welding"),)


def test_dates_in_an_odd_order_are_taken_as_they_are(places: Places) -> None:
    """The file must carry whatever a stream may: an award like this is never in force."""
    document = edited("learners", 0, "awards", 0, "expires_on", to="2025-12-31")
    document["cohorts"][0]["ends_on"] = "2026-10-31"
    assert evaluate(market_of(document, places), places).matches == ()


def test_the_pipeline_of_the_last_days_ends_with_the_calendar(places: Places) -> None:
    document = without("openings", 0, "closes_on")
    document["day"] = "9999-12-31"
    assert len(evaluate(market_of(document, places), places).cells) == 2


@pytest.fixture
def market(places: Places) -> Market:
    return market_of(FILE, places)


@pytest.fixture
def evaluation(market: Market, places: Places) -> Evaluation:
    return evaluate(market, places)


def test_a_written_market_is_the_file_that_was_read(market: Market, places: Places) -> None:
    written = market_document(market)
    assert read_market(json.dumps(written), places) == market
    assert "region" not in written["openings"][0]  # type: ignore[index]


def test_equal_matches_have_no_difference(evaluation: Evaluation) -> None:
    assert compare(evaluation.matches, evaluation.matches) == []


def test_a_pair_that_only_one_side_has_is_a_difference(evaluation: Evaluation) -> None:
    (missing,) = compare([], evaluation.matches)
    assert (missing.opening_id, missing.learner_id, missing.aspect) == ("job", "ann", "match")
    assert (missing.live, missing.evaluated) == (False, True)
    (extra,) = compare(evaluation.matches, [])
    assert (extra.live, extra.evaluated) == (True, False)


def test_every_aspect_that_differs_is_named(evaluation: Evaluation) -> None:
    (match,) = evaluation.matches
    stale = replace(match, rank=2, facts=structs.replace(match.facts, score=1, outcomes=()))
    assert [difference.aspect for difference in compare([stale], [match])] == ["score", "groups", "rank"]
