"""One credential away: what a provider sees of its own learners, and what each credential would do for them."""

from typing import Any

import pytest
from sqlmodel import select

from contracts.topics import PATHWAY
from learners.adapters.tables import LearnerPathwayRow, PathwayCredentialRow
from makersync.envelope import Unreadable
from makersync.runtime.service import Context

from .conftest import Caller
from .events import REGION, Feed, Sent
from .samples import accepted, register

AS_OF, LATER = "2026-11-22T08:30:00Z", "2026-11-22T08:45:00Z"
MILLING, WELDING, SAFETY = "nims:cnc-milling-operator", "aws:certified-welder", "osha:10-general-industry"
NEIGHBOUR = "25420"


def refreshed(version: int, learner_id: str, unlocked: dict[str, int], **changed: Any) -> Sent:
    listed = [{"credential": credential, "unlocked": count} for credential, count in sorted(unlocked.items())]
    told = {"region": REGION, "learner_id": learner_id, "provider_id": "prv_york", "credentials": listed}
    stands_on = {"policy_version": 1, "day": "2026-11-22", "as_of": AS_OF}
    return PATHWAY, "PathwayRefreshed", learner_id, version, told | stands_on | changed


def ended(version: int, learner_id: str) -> Sent:
    return PATHWAY, "PathwayEnded", learner_id, version, {"region": REGION, "learner_id": learner_id}


async def shown(caller: Caller, learner_id: str) -> list[tuple[str, int]]:
    pathway = accepted(await caller.get(f"/v1/learners/{learner_id}/pathways"))
    return [(step["credential"], step["unlocked"]) for step in pathway["credentials"]]


async def test_the_regions_of_a_learner_are_summed(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    assert accepted(await york.get(f"/v1/learners/{ada}/pathways")) == {"credentials": [], "as_of": None}
    await feed.batch(refreshed(1, ada, {MILLING: 2, SAFETY: 3}), refreshed(1, ada, {MILLING: 4}, region=NEIGHBOUR, as_of=LATER))
    pathway = accepted(await york.get(f"/v1/learners/{ada}/pathways"))
    assert pathway["as_of"] == AS_OF
    assert pathway["credentials"][0] == {
        "credential": MILLING,
        "unlocked": 6,
        "training_weeks": 8,
        "regions": {REGION: 2, NEIGHBOUR: 4},
        "openings": None,
    }
    assert await shown(york, ada) == [(MILLING, 6), (SAFETY, 3)]


async def test_the_list_is_cut_at_five_by_positions_training_and_id(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    catalog = accepted(await york.get("/v1/catalog/credentials", limit=200))["items"]
    weeks = {each["id"]: each["training_weeks"] for each in catalog}
    known = sorted((each for each in weeks if weeks[each] is not None), key=lambda each: (weeks[each], each))
    same = dict.fromkeys([*known[:5], "new:unknown"], 3)
    await feed.batch(refreshed(1, ada, same | {known[-1]: 4}))
    assert await shown(york, ada) == [(known[-1], 4), *((each, 3) for each in known[:4])]
    await feed.batch(refreshed(2, ada, {"new:unknown": 3, known[0]: 3}))
    assert await shown(york, ada) == [(known[0], 3), ("new:unknown", 3)]


async def test_only_a_newer_list_counts_and_an_end_stays(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(refreshed(1, ada, {MILLING: 1}), refreshed(3, ada, {SAFETY: 3}), refreshed(2, ada, {WELDING: 2}))
    assert await shown(york, ada) == [(SAFETY, 3)]
    await feed.batch(refreshed(2, ada, {WELDING: 2}), refreshed(3, ada, {SAFETY: 9}))
    assert await shown(york, ada) == [(SAFETY, 3)]
    await feed.batch(refreshed(4, ada, {}))
    assert accepted(await york.get(f"/v1/learners/{ada}/pathways")) == {"credentials": [], "as_of": AS_OF}
    await feed.batch(refreshed(5, ada, {MILLING: 1}))
    await feed.batch(ended(6, ada))
    await feed.batch(refreshed(5, ada, {MILLING: 1}))
    assert accepted(await york.get(f"/v1/learners/{ada}/pathways")) == {"credentials": [], "as_of": None}


async def test_each_credential_says_how_many_learners_and_positions_it_unlocks(york: Caller, feed: Feed) -> None:
    ada, bob, cyd = [await register(york) for _ in range(3)]
    await feed.batch(
        refreshed(1, ada, {MILLING: 5, SAFETY: 1}),
        refreshed(1, ada, {MILLING: 2}, region=NEIGHBOUR),
        refreshed(1, bob, {MILLING: 3}),
        refreshed(1, cyd, {SAFETY: 4}),
    )
    listed = accepted(await york.get("/v1/pathways"))
    assert listed["items"] == [
        {"credential": MILLING, "learners": 2, "positions": 7, "unlocked": 10},
        {"credential": SAFETY, "learners": 2, "positions": 4, "unlocked": 5},
    ]
    through = accepted(await york.get(f"/v1/pathways/{MILLING}/learners"))
    assert {each["learner_id"]: each["unlocked"] for each in through["items"]} == {ada: 7, bob: 3}


async def test_lists_come_in_pages_with_what_unlocks_most_first(york: Caller, feed: Feed) -> None:
    learners = sorted([await register(york) for _ in range(3)])
    learners = [learners[2], *learners[:2]]
    unlocked = dict(zip(learners, (9, 2, 2), strict=True))
    await feed.batch(*(refreshed(1, each, {MILLING: 1, SAFETY: unlocked[each]}) for each in learners))
    first = accepted(await york.get("/v1/pathways", limit=1))
    rest = accepted(await york.get("/v1/pathways", limit=1, cursor=first["next_cursor"]))
    assert [page["items"][0]["credential"] for page in (first, rest)] == [SAFETY, MILLING]
    assert rest["next_cursor"] is None
    path = f"/v1/pathways/{SAFETY}/learners"
    first = accepted(await york.get(path, limit=2))
    rest = accepted(await york.get(path, limit=2, cursor=first["next_cursor"]))
    assert [each["learner_id"] for page in (first, rest) for each in page["items"]] == learners
    assert (await york.get("/v1/pathways", cursor="nonsense")).status_code == 400


async def test_a_provider_sees_its_own_learners_alone(york: Caller, lima: Caller, operator: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(refreshed(1, ada, {MILLING: 5}))
    assert accepted(await lima.get("/v1/pathways"))["items"] == []
    assert accepted(await lima.get(f"/v1/pathways/{MILLING}/learners"))["items"] == []
    assert (await lima.get(f"/v1/learners/{ada}/pathways")).status_code == 404
    assert (await operator.get("/v1/pathways")).status_code == 403


async def test_an_erasure_leaves_nothing_but_versions(york: Caller, feed: Feed, context: Context) -> None:
    ada = await register(york)
    await feed.batch(refreshed(1, ada, {MILLING: 5}))
    await york.change("DELETE", f"/v1/learners/{ada}", 1)
    await feed.batch(refreshed(2, ada, {MILLING: 6}), refreshed(1, ada, {SAFETY: 1}, region=NEIGHBOUR))
    assert accepted(await york.get("/v1/pathways"))["items"] == []
    async with context.store.reading() as session:
        heads = (await session.exec(select(LearnerPathwayRow).order_by(LearnerPathwayRow.region))).all()
        entries = (await session.exec(select(PathwayCredentialRow))).all()
    assert [(row.region, row.version, row.as_of) for row in heads] == [(NEIGHBOUR, 1, None), (REGION, 2, None)]
    assert entries == []


@pytest.mark.parametrize(
    "changed", [{"as_of": "soon"}, {"as_of": "2026-11-22T08:30:00"}, {"region": "York"}, {"credentials": [{"credential": "x"}]}]
)
async def test_a_list_that_breaks_the_contract_is_set_aside(feed: Feed, changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="breaks_contract"):
        await feed.batch(refreshed(1, "lrn_1", {}, **changed))
