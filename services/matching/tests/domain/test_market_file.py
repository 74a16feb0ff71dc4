"""Section 14: a market file is read strictly, with all its problems together, and compared pair by pair."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from markets import DAY
from msgspec import structs

from matching.adapters.market_file.files import InvalidMarket, compare, market_of, read_market
from matching.adapters.market_file.writing import evaluation_document, market_document
from matching.domain.evaluation.reference import Evaluation, evaluate
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import CompetencyAlternative, CredentialAlternative, Market
from reference.places import Places, UnknownZip

Document = dict[str, Any]

FILE: Document = {
    "day": "2026-11-20",
    "catalog": {
        "competencies": [{"id": "milling", "name": "Milling"}],
        "credentials": [
            {
                "id": "nims:milling",
                "name": "CNC milling",
                "issuer": "NIMS",
                "aliases": ["Mill operator"],
                "confers": [{"competency": "milling", "level": 3}],
                "implies": ["aws:welding"],
                "composed_of": [],
                "valid_months": 24,
                "training_weeks": 8,
                "references": ["https://example.org/nims"],
            },
            {"id": "aws:welding", "name": "Welding", "issuer": "AWS"},
        ],
    },
    "openings": [
        {
            "opening_id": "job",
            "employer_id": "shop",
            "title": "Machinist",
            "occupation": "51-4041.00",
            "zip": "44101",
            "positions": 2,
            "filled": 1,
            "start_by": "2026-12-01",
            "closes_on": "2026-12-31",
            "shifts": ["day", "night"],
            "wage_min": 1800,
            "wage_max": 2400,
            "status": "open",
            "version": 3,
            "groups": [
                {
                    "id": "must",
                    "necessity": "required",
                    "any_of": [{"credential": "aws:welding"}, {"competency": "milling", "level": 2}],
                    "weight": 2,
                    "verified_only": True,
                },
                {"id": "nice", "necessity": "preferred", "any_of": [{"credential": "nims:milling"}]},
            ],
        }
    ],
    "learners": [
        {
            "learner_id": "ann",
            "provider_id": "college",
            "zip": "44114",
            "reach_km": 30,
            "remote_ok": True,
            "seeking": True,
            "seeking_since": "2026-10-01",
            "consents_to_matching": True,
            "available_from": "2026-11-30",
            "shifts": ["night"],
            "wage_floor": 2000,
            "awards": [
                {
                    "award_id": "a1",
                    "credential": "nims:milling",
                    "status": "active",
                    "issued_on": "2026-01-01",
                    "expires_on": "2028-01-01",
                    "evidence": "verified",
                }
            ],
        }
    ],
    "cohorts": [
        {
            "cohort_id": "class",
            "provider_id": "college",
            "credential": "aws:welding",
            "region": "17410",
            "seats": 12,
            "enrolled": 13,
            "starts_on": "2026-11-01",
            "ends_on": "2027-01-31",
        }
    ],
}


def edited(*path: str | int, to: object) -> Document:
    """The file with another value at a path."""
    document = deepcopy(FILE)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return document


def without(*path: str | int) -> Document:
    """The file without a field."""
    document = deepcopy(FILE)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document


def problems(document: object, places: Places) -> dict[str, str]:
    with pytest.raises(InvalidMarket) as refusal:
        read_market(json.dumps(document), places)
    return {problem.place: problem.rule for problem in refusal.value.problems}


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


def test_what_is_wrong_inside_an_alternative_without_a_form_is_reported_too(places: Places) -> None:
    place = "openings[0].groups[0].any_of[0]"
    found = problems(edited("openings", 0, "groups", 0, "any_of", to=[{"level": 2, "colour": "red"}]), places)
    assert set(found) == {f"{place}.credential", f"{place}.colour"}


def test_dates_in_an_odd_order_are_taken_as_they_are(places: Places) -> None:
    """The file must carry whatever a stream may: an award like this is never in force."""
    document = edited("learners", 0, "awards", 0, "expires_on", to="2025-12-31")
    document["cohorts"][0]["ends_on"] = "2026-10-31"
    assert evaluate(market_of(document, places), places).matches == ()


def test_the_pipeline_of_the_last_days_ends_with_the_calendar(places: Places) -> None:
    document = without("openings", 0, "closes_on")
    document["day"] = "9999-12-31"
    assert len(evaluate(market_of(document, places), places).cells) == 2


GROUP = ("openings", 0, "groups", 0)
AWARD = ("learners", 0, "awards", 0)
CREDENTIAL = ("catalog", "credentials", 0)
COHORT = ("cohorts", 0)
BROKEN: list[tuple[tuple[str | int, ...], object, str, str]] = [
    (("day",), "2026-11-31", "day", "must be a date, YYYY-MM-DD"),
    (("day",), "20261120", "day", "must be a date, YYYY-MM-DD"),
    (("day",), 20261120, "day", "must be a date, YYYY-MM-DD"),
    (("colour",), "red", "colour", "unknown field"),
    (("policy",), [], "policy", "must be an object"),
    (("policy",), {"smoothing": 0}, "policy.smoothing", "must be 1 to 1000000000"),
    (("policy",), {"colour": 1}, "policy.colour", "unknown field"),
    (("policy",), {"colour": None}, "policy.colour", "unknown field"),
    (("catalog",), None, "catalog", "is required"),
    (("catalog", "colour"), 1, "catalog.colour", "unknown field"),
    (("openings",), {}, "openings", "must be an array"),
    (("openings",), None, "openings", "is required"),
    (("openings", 0), 5, "openings[0]", "must be an object"),
    (("openings", 0), None, "openings[0]", "must be an object"),
    (("openings", 0, "title"), "", "openings[0].title", "must be a text that is not empty"),
    (("openings", 0, "title"), "\ud800", "openings[0].title", "must be a text that is not empty"),
    (("openings", 0, "title"), 5, "openings[0].title", "must be a text that is not empty"),
    (("openings", 0, "zip"), "00000", "openings[0].zip", str(UnknownZip("00000"))),
    (("openings", 0, "zip"), 44101, "openings[0].zip", "must be a text that is not empty"),
    (("openings", 0, "zip"), None, "openings[0].zip", "exactly one of zip and remote: true is required"),
    (("openings", 0, "remote"), True, "openings[0].zip", "exactly one of zip and remote: true is required"),
    (("openings", 0, "remote"), 1, "openings[0].remote", "must be true or false"),
    (("openings", 0, "positions"), 0, "openings[0].positions", "must be 1 or more"),
    (("openings", 0, "positions"), True, "openings[0].positions", "must be an integer"),
    (("openings", 0, "positions"), 2.0, "openings[0].positions", "must be an integer"),
    (("openings", 0, "filled"), 3, "openings[0].filled", "must not be above positions"),
    (("openings", 0, "filled"), -1, "openings[0].filled", "must be 0 or more"),
    (("openings", 0, "wage_min"), -1, "openings[0].wage_min", "must be 0 or more"),
    (("openings", 0, "wage_max"), -1, "openings[0].wage_max", "must be 0 or more"),
    (("openings", 0, "shifts"), ["dawn"], "openings[0].shifts[0]", "must be one of day, evening, night, weekend, rotating"),
    (("openings", 0, "shifts"), ["day", "day"], "openings[0].shifts[1]", "repeated"),
    (("openings", 0, "shifts"), "day", "openings[0].shifts", "must be an array"),
    (("openings", 0, "status"), "paused", "openings[0].status", "must be one of open, closed, filled"),
    (("openings", 0, "status"), None, "openings[0].status", "is required"),
    (("openings", 0, "version"), 0, "openings[0].version", "must be 1 or more"),
    (("openings", 0, "closes_on"), "soon", "openings[0].closes_on", "must be a date, YYYY-MM-DD"),
    (("openings", 0, "region"), "17410", "openings[0].region", "unknown field"),
    ((*GROUP, "any_of"), [], "openings[0].groups[0].any_of", "must hold at least one alternative"),
    ((*GROUP, "any_of"), None, "openings[0].groups[0].any_of", "must hold at least one alternative"),
    ((*GROUP, "any_of", 1, "level"), 6, "openings[0].groups[0].any_of[1].level", "must be 1 to 5"),
    ((*GROUP, "any_of", 1, "level"), None, "openings[0].groups[0].any_of[1].level", "is required"),
    ((*GROUP, "any_of", 1, "competency"), "juggling", "openings[0].groups[0].any_of[1].competency", "unknown: 'juggling'"),
    ((*GROUP, "any_of", 0, "credential"), "gone", "openings[0].groups[0].any_of[0].credential", "unknown: 'gone'"),
    ((*GROUP, "any_of", 0, "level"), 2, "openings[0].groups[0].any_of[0].level", "unknown field"),
    (
        (*GROUP, "any_of", 0, "competency"),
        "milling",
        "openings[0].groups[0].any_of[0].credential",
        "exactly one of credential and competency is required",
    ),
    ((*GROUP, "weight"), 11, "openings[0].groups[0].weight", "must be 1 to 10"),
    ((*GROUP, "verified_only"), "yes", "openings[0].groups[0].verified_only", "must be true or false"),
    ((*GROUP, "necessity"), "vital", "openings[0].groups[0].necessity", "must be one of required, trainable, preferred"),
    ((*GROUP, "id"), "nice", "openings[0].groups[1].id", "repeated id 'nice'"),
    (("learners", 0, "zip"), "99999", "learners[0].zip", str(UnknownZip("99999"))),
    (("learners", 0, "zip"), None, "learners[0].zip", "is required"),
    (("learners", 0, "reach_km"), 301, "learners[0].reach_km", "must be 1 to 300"),
    (("learners", 0, "reach_km"), 0, "learners[0].reach_km", "must be 1 to 300"),
    (("learners", 0, "seeking"), None, "learners[0].seeking", "is required"),
    (("learners", 0, "wage_floor"), -5, "learners[0].wage_floor", "must be 0 or more"),
    (("learners", 0, "name"), "Ann", "learners[0].name", "unknown field"),
    ((*AWARD, "credential"), "gone", "learners[0].awards[0].credential", "unknown: 'gone'"),
    ((*AWARD, "status"), "lost", "learners[0].awards[0].status", "must be one of active, in_progress, suspended, revoked"),
    ((*AWARD, "evidence"), None, "learners[0].awards[0].evidence", "is required"),
    ((*COHORT, "credential"), "gone", "cohorts[0].credential", "unknown: 'gone'"),
    ((*COHORT, "region"), "Ohio", "cohorts[0].region", "unknown: 'Ohio'"),
    ((*COHORT, "seats"), -1, "cohorts[0].seats", "must be 0 or more"),
    ((*COHORT, "ends_on"), None, "cohorts[0].ends_on", "is required"),
    ((*CREDENTIAL, "implies"), ["nims:milling"], "catalog.credentials[0].implies[0]", "must not be the credential itself"),
    (
        (*CREDENTIAL, "composed_of"),
        ["aws:welding", "nims:milling"],
        "catalog.credentials[0].composed_of[1]",
        "must not be the credential itself",
    ),
    ((*CREDENTIAL, "implies"), ["aws:welding"] * 2, "catalog.credentials[0].implies[1]", "repeated id 'aws:welding'"),
    ((*CREDENTIAL, "composed_of"), ["aws:welding"] * 2, "catalog.credentials[0].composed_of[1]", "repeated id 'aws:welding'"),
    ((*CREDENTIAL, "implies"), ["gone"], "catalog.credentials[0].implies[0]", "unknown: 'gone'"),
    ((*CREDENTIAL, "composed_of"), [7], "catalog.credentials[0].composed_of[0]", "must be a text that is not empty"),
    ((*CREDENTIAL, "confers", 0, "level"), 0, "catalog.credentials[0].confers[0].level", "must be 1 to 5"),
    ((*CREDENTIAL, "confers", 0, "competency"), "gone", "catalog.credentials[0].confers[0].competency", "unknown: 'gone'"),
    ((*CREDENTIAL, "id"), "aws:welding", "catalog.credentials[1].id", "repeated id 'aws:welding'"),
]


@pytest.mark.parametrize(("path", "value", "place", "rule"), BROKEN)
def test_a_broken_rule_is_reported_with_its_place(
    places: Places, path: tuple[str | int, ...], value: object, place: str, rule: str
) -> None:
    assert problems(edited(*path, to=value), places)[place] == rule


@pytest.mark.parametrize("kind", ["openings", "learners", "cohorts"])
def test_an_id_that_is_repeated_is_a_problem(places: Places, kind: str) -> None:
    document = deepcopy(FILE)
    document[kind].append(document[kind][0])
    name = {"openings": "opening_id", "learners": "learner_id", "cohorts": "cohort_id"}[kind]
    assert f"{kind}[1].{name}" in problems(document, places)


def test_an_award_id_belongs_to_one_learner(places: Places) -> None:
    document = deepcopy(FILE)
    document["learners"].append({**document["learners"][0], "learner_id": "bob"})
    assert problems(document, places) == {"learners[1].awards[0].award_id": "repeated id 'a1'"}


def test_a_field_that_is_repeated_is_a_problem(places: Places) -> None:
    text = json.dumps(FILE).replace('"provider_id": "college", "zip"', '"provider_id": "x", "provider_id": "y", "zip"')
    with pytest.raises(InvalidMarket) as refusal:
        read_market(text, places)
    assert [(p.place, p.rule) for p in refusal.value.problems] == [("learners[0].provider_id", "repeated field")]


def test_all_problems_are_reported_together(places: Places) -> None:
    document = edited("day", to="never")
    document["openings"][0] |= {"positions": 0, "colour": "red", "zip": "00000"}
    document["learners"][0]["awards"][0]["status"] = "lost"
    del document["cohorts"][0]["seats"]
    assert set(problems(document, places)) == {
        "day",
        "openings[0].positions",
        "openings[0].colour",
        "openings[0].zip",
        "learners[0].awards[0].status",
        "cohorts[0].seats",
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "5", '{"day": 1' + "0" * 5000 + "}", "[" * 100_000, b"\xff"])
def test_what_is_no_object_is_refused(places: Places, text: str | bytes) -> None:
    with pytest.raises(InvalidMarket) as refusal:
        read_market(text, places)
    assert refusal.value.problems[0].place in ("document", "day")


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
