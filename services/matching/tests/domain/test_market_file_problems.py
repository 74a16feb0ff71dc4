"""Section 14: a market file is read strictly, with all its problems together."""

import json
from copy import deepcopy

import pytest
from market_file import FILE, edited

from matching.adapters.market_file.files import InvalidMarket, read_market
from reference.places import Places, UnknownZip


def problems(document: object, places: Places) -> dict[str, str]:
    with pytest.raises(InvalidMarket) as refusal:
        read_market(json.dumps(document), places)
    return {problem.place: problem.rule for problem in refusal.value.problems}


def test_what_is_wrong_inside_an_alternative_without_a_form_is_reported_too(places: Places) -> None:
    place = "openings[0].groups[0].any_of[0]"
    found = problems(edited("openings", 0, "groups", 0, "any_of", to=[{"level": 2, "colour": "red"}]), places)
    assert set(found) == {f"{place}.credential", f"{place}.colour"}


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
