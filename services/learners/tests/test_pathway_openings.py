"""The jobs behind a pathway: named by the matching service, described from this service's own copy of the openings."""

from typing import Any

import pytest

from contracts.topics import PATHWAY
from makersync.envelope import Unreadable
from makersync.feed.numbering import Numbering

from .conftest import Caller
from .events import REGION, Feed, Sent, opening
from .following import entries_of, snapshot_of
from .samples import accepted, register
from .test_exports import both
from .test_pathways import AS_OF, MILLING, NEIGHBOUR, SAFETY

TERMS: dict[str, Any] = {"wage_min": 2500, "wage_max": 3100, "closes_on": "2026-12-18"}
JOB: dict[str, Any] = {"title": "Mill operator", "employer_name": "York Gears", "place": "York, PA", **TERMS}


def naming(version: int, learner_id: str, openings: dict[str, list[str]], region: str = REGION) -> Sent:
    listed = [{"credential": name, "unlocked": 4, "openings": ids} for name, ids in sorted(openings.items())]
    told = {"region": region, "learner_id": learner_id, "provider_id": "prv_york", "credentials": listed, "as_of": AS_OF}
    return PATHWAY, "PathwayRefreshed", learner_id, version, told | {"policy_version": 1, "day": "2026-11-22"}


def job(opening_id: str, remaining: int = 1, version: int = 1, **changed: Any) -> Sent:
    return opening(version, opening_id, employer_name="York Gears", positions=9, filled=9 - remaining, **TERMS, **changed)


async def shown(caller: Caller, learner_id: str) -> dict[str, list[str]]:
    steps = accepted(await caller.get(f"/v1/learners/{learner_id}/pathways"))["credentials"]
    return {step["credential"]: [each["opening_id"] for each in step["openings"]] for step in steps}


async def test_a_pathway_shows_the_jobs_with_employer_place_pay_and_closing_date(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(naming(1, ada, {MILLING: ["opn_1"]}))
    await feed.batch(job("opn_1", 2))
    [step] = accepted(await york.get(f"/v1/learners/{ada}/pathways"))["credentials"]
    [shown_job] = step["openings"]
    assert {name: shown_job[name] for name in JOB} == JOB
    assert (shown_job["opening_id"], shown_job["remaining"]) == ("opn_1", 2)


async def test_the_best_jobs_of_all_regions_come_first(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(*(job(each, remaining) for each, remaining in (("a", 1), ("b", 3), ("c", 1), ("d", 2))))
    await feed.batch(naming(1, ada, {MILLING: ["b", "a"]}), naming(1, ada, {MILLING: ["d", "c"]}, NEIGHBOUR))
    assert await shown(york, ada) == {MILLING: ["b", "d", "a"]}


@pytest.mark.parametrize("changed", [{"status": "closed"}, {"status": "filled", "filled": 9}, {"filled": 9}])
async def test_a_job_that_nobody_can_have_any_more_is_left_out(york: Caller, feed: Feed, changed: dict[str, Any]) -> None:
    """Guards: the openings are read at once, while the list is refreshed about once an hour."""
    ada = await register(york)
    await feed.batch(naming(1, ada, {MILLING: ["opn_1", "unread"]}))
    await feed.batch(job("opn_1"))
    assert await shown(york, ada) == {MILLING: ["opn_1"]}
    _, kind, subject, _, data = job("opn_1")
    await feed.batch((opening(2)[0], kind, subject, 2, data | changed))
    assert await shown(york, ada) == {MILLING: []}


async def test_entries_and_snapshot_describe_each_job_once(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await register(york)
    await feed.batch(job("opn_1"), job("closed", status="closed"))
    await feed.batch(naming(1, ada, {MILLING: ["opn_1", "closed"], SAFETY: ["opn_1", "unread"]}))
    await numbering.number()
    [entry] = await entries_of(york)
    for data in (entry["data"], (await snapshot_of(york))[f"{ada}/{REGION}"]):
        assert [each["openings"] for each in data["credentials"]] == [["opn_1"], ["opn_1"]]
        assert data["openings"] == [{"opening_id": "opn_1"} | JOB]


async def test_the_file_names_the_best_job_and_the_others_by_id(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(job("a", 1), job("b", 3, title="=cmd()"), job("c", 2))
    await feed.batch(naming(1, ada, {MILLING: ["b", "c", "a"], SAFETY: ["unread"]}))
    rows, sheet = await both(york, "pathways")
    by_credential = {row["credential"]: row for row in rows}
    best = by_credential[MILLING]
    assert (best["opening_id"], best["employer"], best["place"], best["wage_max"]) == ("b", "York Gears", "York, PA", "3100")
    assert (best["title"], best["more_openings"]) == ("'=cmd()", "c, a")
    assert by_credential[SAFETY]["title"] == by_credential[SAFETY]["more_openings"] == ""
    assert [row["opening_id"] for row in sheet] == [row["opening_id"] or None for row in rows]


async def test_a_list_that_names_too_many_is_set_aside(feed: Feed) -> None:
    with pytest.raises(Unreadable, match="breaks_contract"):
        await feed.batch(naming(1, "lrn_1", {MILLING: [f"opn_{number}" for number in range(11)]}))
