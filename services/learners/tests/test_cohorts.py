"""A provider plans, revises and cancels cohorts."""

from contracts.topics import COHORT

from .conftest import Caller, Published
from .samples import BADGE, YORK_REGION, accepted, cohort, conflict, refused


async def test_a_cohort_is_planned_revised_and_cancelled(york: Caller, published: Published) -> None:
    answer = await york.post("/v1/cohorts", cohort(), Idempotency_Key="k")
    assert (await york.post("/v1/cohorts", cohort(), Idempotency_Key="k")).json() == accepted(answer)
    path = answer.headers["Location"]
    revised = accepted(await york.change("PATCH", path, 1, {"enrolled": 11}))
    assert (revised["enrolled"], revised["seats"], revised["version"]) == (11, 12, 2)
    assert (await york.change("PATCH", path, 2, {"enrolled": 11})).headers["ETag"] == '"2"'
    cancelled = accepted(await york.change("DELETE", path, 2))
    assert (cancelled["cancelled"], cancelled["version"]) == (True, 3)
    assert (await york.get(path)).json() == cancelled
    planned, changed, ended = await published.events(COHORT.name)
    assert [event.type.rpartition(".")[2] for event in (planned, changed, ended)] == [
        "CohortPlanned",
        "CohortRevised",
        "CohortCancelled",
    ]
    assert {event.partitionkey for event in (planned, changed, ended)} == {YORK_REGION}
    assert changed.data == {k: v for k, v in revised.items() if k not in ("version", "cancelled", "warnings")}
    assert ended.data == {"cohort_id": cancelled["cohort_id"], "region": YORK_REGION}


async def test_a_cancelled_cohort_stays_cancelled(york: Caller, published: Published) -> None:
    path = (await york.post("/v1/cohorts", cohort())).headers["Location"]
    accepted(await york.change("DELETE", path, 1))
    assert conflict(await york.change("DELETE", path, 2)) == "cancelled"
    assert conflict(await york.change("PATCH", path, 2, {"seats": 1})) == "cancelled"
    assert len(await published.kinds()) == 2


async def test_a_revision_that_breaks_a_rule_changes_nothing(york: Caller, published: Published) -> None:
    path = (await york.post("/v1/cohorts", cohort())).headers["Location"]
    assert refused(await york.change("PATCH", path, 1, {"ends_on": "2026-01-01"}), 422) == [("ends_on", "before_start")]
    assert refused(await york.change("PATCH", path, 1, {"starts_on": None}), 422)
    assert refused(await york.change("PATCH", path, 1, {"region": "remote"}), 422) == [("region", "extra_forbidden")]
    assert (await york.change("PATCH", path, 5, {"seats": 1})).status_code == 412
    assert (await york.change("PATCH", path, None, {"seats": 1})).status_code == 428
    assert await published.kinds() == ["CohortPlanned"]


async def test_an_odd_plan_is_taken_with_warnings(york: Caller) -> None:
    odd = await york.post("/v1/cohorts", cohort(enrolled=12, starts_on="2029-01-04", ends_on="2034-01-04"))
    assert [each["rule"] for each in accepted(odd)["warnings"]] == ["no_open_seat", "far_ahead", "long"]
    sound = accepted(await york.change("PATCH", odd.headers["Location"], 1, {"seats": 20}))
    assert [each["rule"] for each in sound["warnings"]] == ["far_ahead", "long"]


async def test_cohorts_are_listed_by_region_and_credential(york: Caller, lima: Caller) -> None:
    for region in (YORK_REGION, "remote"):
        accepted(await york.post("/v1/cohorts", cohort(region=region)))
    accepted(await lima.post("/v1/cohorts", cohort()))

    async def regions(**filters: str) -> list[str]:
        return [each["region"] for each in (await york.get("/v1/cohorts", **filters)).json()["items"]]

    assert sorted(await regions()) == [YORK_REGION, "remote"]
    assert await regions(region="remote") == ["remote"]
    assert len(await regions(credential=BADGE)) == 2
    assert await regions(credential="mssc:cpt") == []
