"""A provider registers learners, keeps their profiles and consents, and erases them; every region of the reach is told."""

import pytest
from sqlmodel import select

from contracts.topics import LEARNER
from learners.adapters.tables import AwardRow, ErasedLearnerRow, LearnerRow, PersonRow
from makersync.runtime.service import Context
from makersync.store.database import Store
from makersync.store.tables import AuditRow, IdempotencyRow, OutboxRow

from .conftest import Caller, Published
from .events import Feed, match
from .samples import YORK_REGION, accepted, conflict, learner, record, refused, register

LANCASTER = "29540"
#: What is said of nobody who says nothing of it.
BARE = {"phone": None, "student_number": None}


async def test_a_registered_learner_is_read_back_and_published(york: Caller, published: Published) -> None:
    answer = await york.post("/v1/learners", learner(remote_ok=True, consents_to_matching=True, shifts=["night", "day"]))
    made = accepted(answer)
    assert answer.headers["ETag"] == '"1"'
    assert "person" not in made
    read = await york.get(answer.headers["Location"])
    person = {"name": "Ada Byron", "email": "ada@example.org", **BARE}
    assert (read.json() | {"warnings": []}, read.headers["ETag"]) == (made | {"person": person}, '"1"')
    assert made["regions"] == [YORK_REGION, "remote"]
    assert (made["region"], made["seeking_since"], made["shifts"]) == (YORK_REGION, "2026-11-22", ["day", "night"])
    here, remote = await published.events(LEARNER.name)
    assert (here.partitionkey, remote.partitionkey) == (YORK_REGION, "remote")
    assert {here.type, remote.type} == {"learners.LearnerRegistered"}
    assert here.data | {"region": "remote"} == remote.data
    assert here.data == {
        "learner_id": made["learner_id"],
        "provider_id": "prv_york",
        "region": YORK_REGION,
        "zip": "17401",
        "reach_km": 5,
        "remote_ok": True,
        "seeking": True,
        "seeking_since": "2026-11-22",
        "consents_to_matching": True,
        "shifts": ["day", "night"],
        "awards": [],
    }


async def test_a_wage_floor_that_nobody_in_manufacturing_earns_is_taken_with_a_warning(york: Caller) -> None:
    """Guards: a year's pay in dollars is below the limit, and the learner would silently match nothing."""
    made = accepted(await york.post("/v1/learners", learner(wage_floor=52_000)))
    assert [(each["field"], each["rule"]) for each in made["warnings"]] == [("wage_floor", "far_above_median")]
    path = f"/v1/learners/{made['learner_id']}"
    assert accepted(await york.change("PATCH", path, 1, {"wage_floor": 2_500}))["warnings"] == []
    assert accepted(await york.change("PATCH", path, 2, {"wage_floor": 90_000}))["warnings"] == made["warnings"]


async def test_a_repeated_registration_is_answered_alike_and_happens_once(york: Caller, published: Published) -> None:
    first = await york.post("/v1/learners", learner(), Idempotency_Key="k1")
    again = await york.post("/v1/learners", learner(), Idempotency_Key="k1")
    assert (again.status_code, again.json(), again.headers["ETag"]) == (201, first.json(), first.headers["ETag"])
    assert await published.kinds() == ["LearnerRegistered"]


async def test_regions_that_are_left_get_a_withdrawal_and_versions_grow_on_return(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york, reach_km=20)}"
    assert (await york.get(path)).json()["regions"] == [LANCASTER, YORK_REGION]
    for version, reach_km in ((1, 5), (2, 20)):
        accepted(await york.change("PATCH", path, version, {"reach_km": reach_km}))
    assert await published.told(LANCASTER) == [("LearnerRegistered", 1), ("LearnerWithdrawn", 2), ("LearnerRevised", 3)]
    assert await published.told(YORK_REGION) == [("LearnerRegistered", 1), ("LearnerRevised", 2), ("LearnerRevised", 3)]
    [gone] = [event for event in await published.events() if event.type.endswith("LearnerWithdrawn")]
    assert gone.data == {"learner_id": path.rpartition("/")[2], "region": LANCASTER}


async def test_a_move_leaves_the_old_market_whole(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    moved = accepted(await york.change("PATCH", path, 1, {"zip": "60601"}))
    assert YORK_REGION not in moved["regions"]
    assert await published.told(YORK_REGION) == [("LearnerRegistered", 1), ("LearnerWithdrawn", 2)]
    assert await published.told(moved["region"]) == [("LearnerRevised", 2)]


async def test_availability_changes_by_what_is_given_and_the_rest_stays(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york, wage_floor=2100, available_from='2027-01-01')}"
    changed = accepted(await york.change("PATCH", path, 1, {"available_from": None, "shifts": ["rotating"]}))
    assert (changed["available_from"], changed["shifts"], changed["wage_floor"]) == (None, ["rotating"], 2100)
    assert changed["seeking_since"] == "2026-11-22"
    assert accepted(await york.change("PATCH", path, 2, {"seeking": False}))["seeking_since"] is None
    assert await published.kinds() == ["LearnerRegistered", "AvailabilityChanged", "AvailabilityChanged"]


async def test_only_an_operator_imports_an_earlier_beginning_of_a_search(
    york: Caller, operator: Caller, published: Published, context: Context
) -> None:
    path = f"/v1/learners/{await register(york)}"
    earlier = {"seeking_since": "2026-06-01", "reason": "list of the state agency"}
    assert refused(await york.change("PATCH", path, 1, {"seeking_since": "2026-06-01"}), 422) == [
        ("seeking_since", "set_by_service")
    ]
    assert (await york.send("PUT", path + "/seeking-since", json=earlier)).status_code == 403
    imported = await operator.send("PUT", path + "/seeking-since", json=earlier)
    assert (accepted(imported)["seeking_since"], imported.headers["ETag"]) == ("2026-06-01", '"2"')
    assert accepted(await york.get(path))["seeking_since"] == "2026-06-01"
    assert (await published.events())[-1].data["seeking_since"] == "2026-06-01"
    async with context.store.reading() as session:
        [kept] = (await session.exec(select(AuditRow).where(AuditRow.action == "seeking_since_imported"))).all()
    assert (kept.subject, kept.detail["reason"]) == (path.rpartition("/")[2], "list of the state agency")


async def test_no_beginning_is_imported_for_a_learner_who_does_not_seek(york: Caller, operator: Caller) -> None:
    path = f"/v1/learners/{await register(york, seeking=False)}"
    earlier = {"seeking_since": "2026-06-01", "reason": "list of the state agency"}
    assert conflict(await operator.send("PUT", path + "/seeking-since", json=earlier)) == "not_seeking"


async def test_a_patch_that_changes_nothing_is_no_event(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    same = await york.change("PATCH", path, 1, {"reach_km": 5, "seeking": True})
    assert (same.status_code, same.headers["ETag"]) == (200, '"1"')
    assert await published.kinds() == ["LearnerRegistered"]


async def test_a_changed_name_makes_a_version_that_publishes_no_name(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    changed = accepted(await york.change("PATCH", path, 1, {"person": {"name": "Ada Lovelace"}}))
    assert (changed["person"], changed["version"]) == ({"name": "Ada Lovelace", "email": None, **BARE}, 2)
    before, after = await published.events()
    assert before.data == after.data


async def test_consent_is_given_and_withdrawn(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    given = await york.change("PUT", f"{path}/consent", 1, {"consents_to_matching": True})
    assert accepted(given)["consents_to_matching"] is True
    again = await york.change("PUT", f"{path}/consent", 2, {"consents_to_matching": True})
    assert again.headers["ETag"] == '"2"'
    accepted(await york.change("PUT", f"{path}/consent", 2, {"consents_to_matching": False}))
    assert await published.kinds() == ["LearnerRegistered", "ConsentGiven", "ConsentWithdrawn"]


async def test_a_stale_or_missing_version_changes_nothing(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    accepted(await york.change("PATCH", path, 1, {"reach_km": 6}))
    for method, address, body in (
        ("PATCH", path, {"reach_km": 7}),
        ("PUT", f"{path}/consent", {"consents_to_matching": True}),
        ("DELETE", path, None),
    ):
        stale = await york.change(method, address, 1, body)
        assert (stale.status_code, stale.json()["rule"], stale.headers["ETag"]) == (412, "version_outdated", '"2"')
        unconditional = await york.change(method, address, None, body)
        assert (unconditional.status_code, unconditional.json()["rule"]) == (428, "version_required")
    assert (await york.get(path)).json()["reach_km"] == 6
    assert await published.kinds() == ["LearnerRegistered", "LearnerRevised"]


async def test_an_erased_learner_is_gone_from_everywhere(
    york: Caller, published: Published, context: Context, feed: Feed
) -> None:
    learner_id = await register(york, reach_km=20)
    await record(york, learner_id)
    await feed.batch(match("MatchProposed", 3, learner_id))
    path = f"/v1/learners/{learner_id}"
    assert (await york.change("DELETE", path, 2)).status_code == 204
    ended = (await published.events())[-2:]
    assert [(event.type, event.version, event.partitionkey) for event in ended] == [
        ("learners.LearnerErased", 3, LANCASTER),
        ("learners.LearnerErased", 3, YORK_REGION),
    ]
    assert [event.data for event in ended] == [
        {"learner_id": learner_id, "region": region} for region in (LANCASTER, YORK_REGION)
    ]
    async with context.store.reading() as session:
        for table in (LearnerRow, PersonRow, AwardRow):
            assert (await session.exec(select(table))).all() == []
        [tombstone] = (await session.exec(select(ErasedLearnerRow))).all()
    assert (tombstone.learner_id, tombstone.version, tombstone.regions) == (learner_id, 3, [LANCASTER, YORK_REGION])
    absent = await york.get("/v1/learners/lrn_none")
    assert ((await york.get(path)).status_code, (await york.get(path)).json()) == (404, absent.json())
    assert (await york.get(f"{path}/matches")).status_code == 404
    assert (await york.get("/v1/learners")).json()["items"] == []


async def test_a_late_copy_of_a_creation_does_not_bring_an_erased_learner_back(
    york: Caller, published: Published, context: Context
) -> None:
    made = await york.post("/v1/learners", learner(), Idempotency_Key="k1")
    award = await york.post(
        made.headers["Location"] + "/awards", {"credential": "osha:10-general-industry"}, Idempotency_Key="k2"
    )
    assert award.status_code == 201
    await york.change("DELETE", made.headers["Location"], 2)
    assert (await york.post("/v1/learners", learner(), Idempotency_Key="k1")).status_code == 422
    assert (await published.kinds())[-1] == "LearnerErased"
    async with context.store.reading() as session:
        kept = (await session.exec(select(IdempotencyRow))).all()
    assert [(row.request_digest, row.body) for row in kept] == [("", b""), ("", b"")]


async def test_personal_data_reaches_no_event_and_no_kept_answer(york: Caller, context: Context) -> None:
    person = {"name": "Zaphod Beeblebrox", "email": "zaphod@example.org", "phone": "+1 717 555 0199"}
    made = await york.post("/v1/learners", learner(person=person), Idempotency_Key="k1")
    await york.change("PATCH", made.headers["Location"], 1, {"person": person | {"name": "Zaphod B."}})
    secrets = (b"Zaphod", b"zaphod", b"555 0199")
    for payload in await payloads(context.store):
        assert not any(secret in payload for secret in secrets)


async def payloads(store: Store) -> list[bytes]:
    async with store.reading() as session:
        events = (await session.exec(select(OutboxRow.payload))).all()
        answers = (await session.exec(select(IdempotencyRow.body))).all()
    assert events
    assert answers
    return [*events, *answers]


async def test_lists_are_filtered_and_go_on_where_they_stopped(york: Caller) -> None:
    seeking = [await register(york) for _ in range(3)]
    resting = await register(york, seeking=False, zip="60601")
    await record(york, seeking[1])

    async def ids(**filters: object) -> set[str]:
        return {each["learner_id"] for each in (await york.get("/v1/learners", **filters)).json()["items"]}

    assert await ids(seeking=True) == set(seeking)
    assert await ids(seeking=False) == {resting}
    assert await ids(region=YORK_REGION) == set(seeking)
    assert await ids(credential="nims:cnc-milling-operator") == {seeking[1]}
    first = (await york.get("/v1/learners", limit=3)).json()
    rest = (await york.get("/v1/learners", limit=3, cursor=first["next_cursor"])).json()
    assert {each["learner_id"] for each in first["items"] + rest["items"]} == {*seeking, resting}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("query", ["seekign=true", "region=xx", "seeking=maybe", "cursor=%2A", "limit=0"])
async def test_a_filter_that_cannot_be_meant_is_refused(york: Caller, query: str) -> None:
    assert refused(await york.send("GET", f"/v1/learners?{query}"), 400 if query.startswith("cursor") else 422)
