"""Employers publish and revise openings over HTTP."""

from typing import Any

import httpx
import pytest
from sqlmodel import col, update

from contracts.openings import OpeningFacts, OpeningState
from makersync.runtime.service import Context
from openings.adapters.opening_tables import OpeningRow

from .conftest import Caller, Published
from .samples import CHICAGO, YORK_TOO, group, wanted

pytestmark = pytest.mark.usefixtures("catalog")


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(error["field"], error["rule"]) for error in answer.json()["errors"]]


async def test_publishing_answers_with_the_opening_and_records_its_event(acme: Caller, published: Published) -> None:
    body = wanted(
        occupation="51-4041.00",
        start_by="2027-01-04",
        closes_on="2026-12-31",
        shifts=["night", "day", "night"],
        wage_min=2500,
        wage_max=3100,
        groups=[
            group(any_of=[{"credential": "nims.cnc-operator"}, {"competency": "machining.cnc-milling", "level": 3}]),
            group("cpt", necessity="preferred", any_of=[{"credential": "mssc.cpt"}], weight=4, verified_only=True),
        ],
    )
    answer = await acme.post("/v1/openings", body)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/openings/{shown['opening_id']}"
    assert (shown["region"], shown["region_name"]) == ("49620", "York-Hanover, PA")
    assert (shown["live"], shown["expired"], shown["remaining"], shown["status"]) == (True, False, 3, "open")
    assert (shown["shifts"], shown["candidates"]) == (["day", "night"], 0)
    [event] = await published.events()
    assert (event.type, event.version, event.partitionkey) == ("openings.OpeningPublished", 1, "49620")
    state = OpeningFacts.model_validate_json(answer.text.encode(), extra="ignore")
    assert OpeningState.model_validate(event.data) == OpeningState(**dict(state), employer_name="emp_acme")
    assert event.subject == state.opening_id


async def test_reading_an_opening_returns_what_publishing_answered(acme: Caller) -> None:
    created = await acme.post("/v1/openings", wanted())
    read = await acme.get(created.headers["Location"])
    assert (read.json() | {"warnings": []}, read.headers["ETag"]) == (created.json(), '"1"')


async def test_a_remote_opening_is_in_the_remote_region(acme: Caller) -> None:
    answer = await acme.post("/v1/openings", wanted(zip=None, remote=True))
    assert (answer.json()["region"], answer.json()["zip"]) == ("remote", None)


async def test_publishing_twice_with_one_key_publishes_once(acme: Caller, published: Published) -> None:
    first = await acme.post("/v1/openings", wanted(), Idempotency_Key="k1")
    again = await acme.post("/v1/openings", wanted(), Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert await published.kinds() == ["OpeningPublished"]


BAD_INPUT = [
    ({"zip": "00000"}, "zip", "unknown_zip"),
    ({"zip": "1740"}, "zip", "string_pattern_mismatch"),
    ({"remote": True}, "zip", "one_place"),
    ({"zip": None}, "zip", "one_place"),
    ({"zip": None, "remote": False}, "zip", "one_place"),
    ({"remote": "yes"}, "remote", "bool_type"),
    ({"title": None}, "title", "missing"),
    ({"title": "   "}, "title", "string_too_short"),
    ({"title": "x" * 201}, "title", "string_too_long"),
    ({"title": "two\nlines"}, "title", "control_character"),
    ({"title": "nul\0"}, "title", "nul_character"),
    ({"title": "\u200b"}, "title", "invisible_character"),
    ({"title": "exe.\u202egnp"}, "title", "bidi_control"),
    ({"title": "\u3164"}, "title", "nothing_visible"),
    ({"occupation": "99-9999.99"}, "occupation", "unknown_occupation"),
    ({"occupation": "51-4000.00"}, "occupation", "unknown_occupation"),
    ({"occupation": "15-1132.00"}, "occupation", "split_occupation"),
    ({"wage_min": 28}, "wage_min", "pay_range"),
    ({"wage_max": 5_900_000}, "wage_max", "pay_range"),
    ({"closes_on": "2226-11-30"}, "closes_on", "far_ahead"),
    ({"start_by": "0001-01-01"}, "start_by", "too_early"),
    ({"groups": []}, "groups", "no_requirement"),
    ({"groups": None}, "groups", "no_requirement"),
    ({"title": 7}, "title", "string_type"),
    ({"occupation": "51-404"}, "occupation", "string_pattern_mismatch"),
    ({"occupation": "51-4041.0"}, "occupation", "string_pattern_mismatch"),
    ({"positions": 0}, "positions", "greater_than_equal"),
    ({"positions": 10**30}, "positions", "integer_too_large"),
    ({"positions": "3"}, "positions", "int_type"),
    ({"positions": True}, "positions", "int_type"),
    ({"positions": 1.5}, "positions", "int_type"),
    ({"filled": -1}, "filled", "greater_than_equal"),
    ({"filled": 4}, "filled", "filled_range"),
    ({"wage_min": -1}, "wage_min", "greater_than_equal"),
    ({"wage_min": 2501, "wage_max": 2500}, "wage_max", "pay_order"),
    ({"closes_on": "2026-11-21"}, "closes_on", "past_date"),
    ({"closes_on": "22/11/2026"}, "closes_on", "date_from_datetime_parsing"),
    ({"closes_on": "2026-02-30"}, "closes_on", "date_from_datetime_parsing"),
    ({"closes_on": 0}, "closes_on", "date_format"),
    ({"closes_on": "2026-12-02", "start_by": "2026-12-01"}, "start_by", "date_order"),
    ({"shifts": ["dawn"]}, "shifts.0", "enum"),
    ({"groups": [group(necessity="nice")]}, "groups.0.necessity", "enum"),
    ({"groups": [group(any_of=[])]}, "groups.0.any_of", "too_short"),
    ({"groups": [group(any_of=[{}])]}, "groups.0.any_of.0", "one_form"),
    ({"groups": [group(any_of=[{"credential": "mssc.cpt", "level": 1}])]}, "groups.0.any_of.0", "one_form"),
    ({"groups": [group(any_of=[{"competency": "quality.measurement"}])]}, "groups.0.any_of.0", "one_form"),
    ({"groups": [group(any_of=[{"credential": "no.such"}])]}, "groups.0.any_of.0.credential", "unknown_credential"),
    (
        {"groups": [group(any_of=[{"competency": "no.such", "level": 1}])]},
        "groups.0.any_of.0.competency",
        "unknown_competency",
    ),
    (
        {"groups": [group(any_of=[{"competency": "quality.measurement", "level": 6}])]},
        "groups.0.any_of.0.level",
        "less_than_equal",
    ),
    (
        {"groups": [group(any_of=[{"competency": "quality.measurement", "level": 0}])]},
        "groups.0.any_of.0.level",
        "greater_than_equal",
    ),
    ({"groups": [group(weight=0)]}, "groups.0.weight", "greater_than_equal"),
    ({"groups": [group(weight=11)]}, "groups.0.weight", "less_than_equal"),
    ({"groups": [group(id="")]}, "groups.0.id", "string_too_short"),
    ({"groups": [group(), group(any_of=[{"credential": "mssc.cpt"}])]}, "groups.1.id", "repeated_id"),
    ({"groups": [group(), group("b", necessity="preferred")]}, "groups.1.any_of", "repeated_group"),
    ({"groups": [group(str(n)) for n in range(51)]}, "groups", "too_long"),
    ({"status": "closed"}, "status", "extra_forbidden"),
    ({"employer_id": "emp_bolt"}, "employer_id", "extra_forbidden"),
]


@pytest.mark.parametrize(("changed", "field", "rule"), BAD_INPUT)
async def test_bad_input_is_refused_by_field_and_rule_and_nothing_is_published(
    acme: Caller, published: Published, changed: dict[str, Any], field: str, rule: str
) -> None:
    assert (field, rule) in errors(await acme.post("/v1/openings", wanted(**changed)))
    assert await published.kinds() == []
    assert (await acme.get("/v1/openings")).json()["items"] == []


def warned(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.is_success, answer.text
    return [(warning["field"], warning["rule"]) for warning in answer.json()["warnings"]]


async def test_a_retired_occupation_is_published_as_its_successor_with_a_warning(acme: Caller, published: Published) -> None:
    answer = await acme.post("/v1/openings", wanted(occupation="51-4012.00", wage_min=2800, wage_max=3400))
    assert (answer.json()["occupation"], warned(answer)) == ("51-9162.00", [("occupation", "retired_occupation")])
    [event] = await published.events()
    assert event.data["occupation"] == "51-9162.00"
    assert "warnings" not in event.data
    revised = await acme.change("PATCH", answer.headers["Location"], 1, {"occupation": "51-4121.06", "wage_max": 9900})
    assert warned(revised) == [("occupation", "retired_occupation")]
    assert revised.json()["occupation"] == "51-4121.00"
    assert warned(await acme.change("PATCH", answer.headers["Location"], 2, {"wage_min": 9000})) == [
        ("wage_min", "far_above_median")
    ]


async def test_a_copy_of_an_open_posting_is_pointed_out(acme: Caller, bolt: Caller) -> None:
    first = (await acme.post("/v1/openings", wanted())).json()
    copy = await acme.post("/v1/openings", wanted(title="CNC Machinist", groups=[group("other")]))
    assert warned(copy) == [("title", "copy_of_opening")]
    assert first["opening_id"] in copy.json()["warnings"][0]["detail"]
    assert warned(await bolt.post("/v1/openings", wanted())) == []
    await acme.change("POST", f"/v1/openings/{first['opening_id']}/closing", 1)
    await acme.change("POST", f"/v1/openings/{copy.json()['opening_id']}/closing", 1)
    assert warned(await acme.post("/v1/openings", wanted())) == []


async def test_an_operator_is_warned_about_an_employer_with_a_known_name(operator: Caller) -> None:
    first = await operator.post("/v1/employers", {"name": "York Tool & Die"})
    assert warned(first) == []
    second = await operator.post("/v1/employers", {"name": "YORK TOOL  &  DIE."})
    assert warned(second) == [("name", "same_name")]
    assert first.json()["employer_id"] in second.json()["warnings"][0]["detail"]


async def test_half_a_surrogate_pair_is_refused(acme: Caller, published: Published) -> None:
    body = b'{"title": "\\ud800", "positions": 1, "remote": true}'
    answer = await acme.send("POST", "/v1/openings", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, await published.kinds()) == (422, [])


async def test_a_revision_changes_what_it_names_and_keeps_the_rest(acme: Caller, published: Published) -> None:
    created = await acme.post("/v1/openings", wanted(wage_min=2500, shifts=["day"]))
    path = created.headers["Location"]
    answer = await acme.change("PATCH", path, 1, {"title": "Miller", "wage_min": None, "zip": YORK_TOO})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"2"'
    same = ("region", "positions", "shifts", "groups", "opening_id", "published_at")
    assert {name: answer.json()[name] for name in same} == {name: created.json()[name] for name in same}
    assert (answer.json()["title"], answer.json()["wage_min"], answer.json()["zip"]) == ("Miller", None, YORK_TOO)
    events = await published.events()
    assert (events[1].type, events[1].version, events[1].data["title"]) == ("openings.OpeningRevised", 2, "Miller")


@pytest.mark.parametrize(
    ("revision", "field", "rule"),
    [
        ({"zip": CHICAGO}, "zip", "same_region"),
        ({"zip": None, "remote": True}, "zip", "same_region"),
        ({"zip": None}, "zip", "one_place"),
        ({"zip": "00000"}, "zip", "unknown_zip"),
        ({"remote": True}, "zip", "one_place"),
        ({"title": None}, "title", "string_type"),
        ({"groups": None}, "groups", "tuple_type"),
        ({"positions": 1}, "filled", "filled_range"),
        ({"closes_on": "2026-11-21"}, "closes_on", "past_date"),
        ({"groups": [group(any_of=[{"credential": "no.such"}])]}, "groups.0.any_of.0.credential", "unknown_credential"),
        ({"filled": 1}, "filled", "extra_forbidden"),
        ({"region": "remote"}, "region", "extra_forbidden"),
    ],
)
async def test_a_bad_revision_is_refused_and_changes_nothing(
    acme: Caller, published: Published, revision: dict[str, Any], field: str, rule: str
) -> None:
    created = await acme.post("/v1/openings", wanted(filled=2))
    path = created.headers["Location"]
    assert (field, rule) in errors(await acme.change("PATCH", path, 1, revision))
    assert (await acme.get(path)).json() | {"warnings": []} == created.json()
    assert await published.kinds() == ["OpeningPublished"]


async def test_an_employer_whose_job_moves_is_told_to_close_it_and_publish_it_again(acme: Caller) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    answer = await acme.change("PATCH", path, 1, {"zip": CHICAGO})
    assert answer.json()["errors"][0]["detail"] == "a job that moves is closed and published as a new opening"


async def test_a_revision_without_a_difference_is_no_event(acme: Caller, published: Published) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    answer = await acme.change("PATCH", path, 1, {"title": "CNC machinist"})
    assert (answer.status_code, answer.headers["ETag"], await published.kinds()) == (200, '"1"', ["OpeningPublished"])


async def test_a_revision_needs_the_current_version(acme: Caller, published: Published) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    unconditional = await acme.send("PATCH", path, json={"title": "A"})
    assert (unconditional.status_code, unconditional.json()["rule"]) == (428, "version_required")
    assert (await acme.change("PATCH", path, 1, {"title": "A"})).status_code == 200
    stale = await acme.change("PATCH", path, 1, {"title": "B"})
    assert (stale.status_code, stale.json()["rule"], stale.headers["ETag"]) == (412, "version_outdated", '"2"')
    assert await published.kinds() == ["OpeningPublished", "OpeningRevised"]


async def test_reading_and_writing_need_their_scopes(acme: Caller, caller: Any) -> None:
    path = (await acme.post("/v1/openings", wanted())).headers["Location"]
    reader = await caller("emp_acme", ["openings:read"])
    assert (await reader.post("/v1/openings", wanted())).status_code == 403
    assert (await reader.get(path)).status_code == 200
    writer = await caller("emp_acme", ["openings:write"])
    assert (await writer.get(path)).status_code == 403


async def test_an_opening_at_a_zip_code_of_an_earlier_table_can_be_revised_but_not_published(
    acme: Caller, context: Context
) -> None:
    opening_id = (await acme.post("/v1/openings", wanted())).json()["opening_id"]
    async with context.store.transaction() as session:
        old = {"zip": "96898", "region": "46520"}
        await session.exec(update(OpeningRow).where(col(OpeningRow.opening_id) == opening_id).values(**old))
    assert (await acme.change("PATCH", f"/v1/openings/{opening_id}", 1, {"positions": 4})).json()["region"] == "46520"
    assert errors(await acme.post("/v1/openings", wanted(zip="96898"))) == [("zip", "unknown_zip")]
