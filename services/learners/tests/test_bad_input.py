"""Bad input is answered with the field and the rule; nothing is changed and nothing is published."""

from typing import Any

import pytest

from .conftest import Caller, Published
from .samples import award, cohort, definition, learner, refused, register

PERSON = {"name": "Ada Byron"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"zip": "00000"}, "zip"),
        ({"zip": "1740"}, "zip"),
        ({"zip": 17401}, "zip"),
        ({"reach_km": 0}, "reach_km"),
        ({"reach_km": 301}, "reach_km"),
        ({"reach_km": "40"}, "reach_km"),
        ({"reach_km": True}, "reach_km"),
        ({"reach_km": None}, "reach_km"),
        ({"remote_ok": "yes"}, "remote_ok"),
        ({"wage_floor": -1}, "wage_floor"),
        ({"wage_floor": 21.5}, "wage_floor"),
        ({"wage_floor": 25}, "wage_floor"),
        ({"available_from": "2126-01-01"}, "available_from"),
        ({"available_from": "0001-01-01"}, "available_from"),
        ({"person": {"name": "Andr\ufffd"}}, "person.name"),
        ({"person": {"name": "\u200b"}}, "person.name"),
        ({"person": {"name": "Ada \u202enoryB"}}, "person.name"),
        ({"wage_floor": 10**12}, "wage_floor"),
        ({"shifts": ["dawn"]}, "shifts.0"),
        ({"shifts": "day"}, "shifts"),
        ({"available_from": "2026-02-30"}, "available_from"),
        ({"available_from": 1800000000}, "available_from"),
        ({"available_from": "2026-11-22T09:00:00Z"}, "available_from"),
        ({"seeking_since": "2026-11-23"}, "seeking_since"),
        ({"seeking": False, "seeking_since": "2026-11-01"}, "seeking_since"),
        ({"person": PERSON | {"email": "ada(at)example.org"}}, "person.email"),
        ({"person": PERSON | {"phone": "none"}}, "person.phone"),
        ({"person": {"name": ""}}, "person.name"),
        ({"person": {"name": "x" * 201}}, "person.name"),
        ({"person": {"name": "a\u0000b"}}, "person.name"),
        ({"person": PERSON | {"ssn": "1"}}, "person.ssn"),
        ({"person": None}, "person"),
        ({"age": 40}, "age"),
    ],
)
async def test_a_learner_that_breaks_a_rule_is_refused(
    york: Caller, published: Published, changed: dict[str, Any], field: str
) -> None:
    assert [name for name, _ in refused(await york.post("/v1/learners", learner(**changed)), 422)] == [field]
    path = f"/v1/learners/{await register(york)}"
    before = (await york.get(path)).json()
    assert [name for name, _ in refused(await york.change("PATCH", path, 1, changed), 422)] == [field]
    assert (await york.get(path)).json() == before
    assert await published.kinds() == ["LearnerRegistered"]


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"credential": "no:such"}, "credential", "unknown"),
        ({"credential": ""}, "credential", "string_too_short"),
        ({"expires_on": "2026-01-10"}, "expires_on", "not_after"),
        ({"expires_on": "2025-01-10"}, "expires_on", "not_after"),
        ({"issued_on": "1949-12-31"}, "issued_on", "too_early"),
        ({"issued_on": "2026-11-23"}, "issued_on", "future"),
        ({"expires_on": "2126-01-10"}, "expires_on", "far_ahead"),
        ({"issued_on": None, "expires_on": "1949-12-31"}, "expires_on", "too_early"),
        (
            {"status": "in_progress", "issued_on": None, "expires_on": None, "expected_on": "2226-01-10"},
            "expected_on",
            "far_ahead",
        ),
        ({"expected_on": "2027-01-10"}, "expected_on", "only_in_progress"),
        ({"status": "in_progress"}, "issued_on", "not_in_progress"),
        ({"status": "revoked"}, "status", "not_at_first"),
        ({"status": "lost"}, "status", "enum"),
        ({"issued_on": "soon"}, "issued_on", "date_format"),
        ({"evidence": "verified"}, "evidence", "extra_forbidden"),
    ],
)
async def test_an_award_that_breaks_a_rule_is_refused(
    york: Caller, published: Published, changed: dict[str, Any], field: str, rule: str
) -> None:
    path = f"/v1/learners/{await register(york)}"
    assert refused(await york.post(f"{path}/awards", award(**changed)), 422) == [(field, rule)]
    assert (await york.get(path)).json()["awards"] == []
    assert await published.kinds() == ["LearnerRegistered"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"credential": "no:such"}, "credential"),
        ({"region": "99999"}, "region"),
        ({"region": "York"}, "region"),
        ({"seats": -1}, "seats"),
        ({"seats": 0, "enrolled": 0}, "seats"),
        ({"enrolled": 13}, "enrolled"),
        ({"starts_on": "2026-01-04", "ends_on": "2026-11-21"}, "ends_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": "2127-01-04", "ends_on": "2127-03-26"}, "ends_on"),
        ({"seats": 100_001}, "seats"),
        ({"enrolled": -1}, "enrolled"),
        ({"ends_on": "2027-01-03"}, "ends_on"),
        ({"starts_on": None}, "starts_on"),
    ],
)
async def test_a_cohort_that_breaks_a_rule_is_refused(
    york: Caller, published: Published, changed: dict[str, Any], field: str
) -> None:
    assert [name for name, _ in refused(await york.post("/v1/cohorts", cohort(**changed)), 422)] == [field]
    assert await published.kinds() == []


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"confers": [{"competency": "no.such", "level": 2}]}, "confers.0.competency", "unknown"),
        ({"confers": [{"competency": "safety.workplace", "level": 0}]}, "confers.0.level", "greater_than_equal"),
        ({"confers": [{"competency": "safety.workplace", "level": 6}]}, "confers.0.level", "less_than_equal"),
        ({"confers": [{"competency": "safety.workplace", "level": n} for n in (1, 2)]}, "confers.1", "repeated"),
        ({"implies": ["no:such"]}, "implies.0", "unknown"),
        ({"implies": ["mssc:cpt", "mssc:cpt"]}, "implies.1", "repeated"),
        ({"implies": ["york:starter"]}, "implies.0", "itself"),
        ({"composed_of": ["mssc:cpt-safety", "york:starter"]}, "composed_of.1", "itself"),
        ({"composed_of": ["no:such"]}, "composed_of.0", "unknown"),
        ({"aliases": ["A", " A "]}, "aliases.1", "repeated"),
        ({"valid_months": 0}, "valid_months", "greater_than_equal"),
        ({"training_weeks": -1}, "training_weeks", "greater_than_equal"),
        ({"name": " "}, "name", "string_too_short"),
        ({"issuer": "a\tb\x07"}, "issuer", "control_character"),
        ({"id": "York Starter"}, "id", "identifier"),
        ({"id": "york@1"}, "id", "identifier"),
        ({"id": "mssc:cpt"}, "id", "taken"),
    ],
)
async def test_a_definition_that_breaks_a_rule_is_refused(
    york: Caller, operator: Caller, published: Published, changed: dict[str, Any], field: str, rule: str
) -> None:
    proposed = definition(**{"id": "york:starter"} | changed)
    assert refused(await york.post("/v1/catalog/proposals", proposed), 422) == [(field, rule)]
    if rule != "taken":
        credential_id = proposed.pop("id")
        answer = await operator.send("PUT", f"/v1/catalog/credentials/{credential_id}", json=proposed)
        assert refused(answer, 422) == [(field, rule)]
    assert await published.kinds() == []
    assert (await york.get("/v1/catalog/proposals")).json()["items"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"zip": 1e999}'])
async def test_a_body_that_is_no_learner_is_refused(york: Caller, published: Published, body: bytes) -> None:
    answer = await york.send("POST", "/v1/learners", content=body, headers={"Content-Type": "application/json"})
    refused(answer, answer.status_code)
    assert answer.status_code in (400, 422)
    assert await published.kinds() == []


async def test_an_oversized_body_is_refused(york: Caller) -> None:
    assert (await york.post("/v1/learners", learner(zip="1" * 300_000))).status_code == 413


async def test_a_learner_has_a_bounded_number_of_awards(york: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learners.domain.learner.MOST_AWARDS", 1)
    path = f"/v1/learners/{await register(york)}/awards"
    assert (await york.post(path, award())).status_code == 201
    assert refused(await york.post(path, award()), 422) == [("credential", "too_many")]
