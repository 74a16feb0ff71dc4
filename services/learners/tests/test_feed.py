"""The feed of a provider: what it says of matches, pathways and signals, and for whom."""

from typing import Any

from sqlmodel import select

from learners.adapters.tables import ProviderRegionRow
from makersync.effects.reconciling import Choice
from makersync.feed.numbering import Numbering
from makersync.feed.tables import FeedEntryRow
from makersync.runtime.service import Context
from tests.servers.restoring import RestoredService

from .conftest import Caller, MakeCaller
from .events import REGION, Feed, match, signal
from .following import Follower, entries_of, snapshot_of, types_of
from .samples import accepted, cohort, erase, learner, register
from .test_pathways import AS_OF, LATER, MILLING, NEIGHBOUR, SAFETY, ended, refreshed

LANCASTER_ZIP, LANCASTER = "17602", "29540"
CELL = "credential:nims:cnc-milling-operator"
OTHER_CELL = "competency:machining.cnc-milling@3"


async def concerned(context: Context) -> set[tuple[str, str]]:
    async with context.store.reading() as session:
        return {(row.provider_id, row.region) for row in await session.exec(select(ProviderRegionRow))}


async def test_each_event_of_a_match_becomes_an_entry_with_what_the_service_knows_of_it(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    ada = await register(york)
    await feed.batch(match("MatchProposed", 1, ada), match("MatchRevised", 2, ada, score=9000))
    await feed.batch(match("MatchWithdrawn", 3, ada))
    assert await entries_of(york) == [], "nothing has a position yet"
    assert await numbering.number() == 3

    entries = await entries_of(york)
    assert [(each["position"], each["type"]) for each in entries] == [
        (1, "match.proposed"),
        (2, "match.revised"),
        (3, "match.withdrawn"),
    ]
    assert {(each["subject"], each["occurred_at"]) for each in entries} == {(f"{ada}/opn_1", "2026-11-22T08:59:59Z")}
    ids = {"opening_id": "opn_1", "learner_id": ada, "region": REGION}
    assert [each["data"] for each in entries] == [
        ids | {"score": 8200, "version": 1},
        ids | {"score": 9000, "version": 2},
        ids | {"reason": "outranked", "version": 3},
    ]


async def test_an_end_says_which_gate_fails_and_which_groups_are_not_met(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    ada = await register(york)
    behind = {"gate": "out_of_reach", "unmet": ["milling", "safety"]}
    await feed.batch(match("MatchProposed", 1, ada), match("MatchWithdrawn", 2, ada, reason="learner_unavailable", **behind))
    await numbering.number()
    said = (await entries_of(york))[-1]["data"]
    assert {name: said[name] for name in ("reason", *behind)} == {"reason": "learner_unavailable", **behind}


async def test_each_list_of_pathways_becomes_an_entry_and_so_does_its_end(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    ada = await register(york)
    await feed.batch(refreshed(2, ada, {}, as_of=LATER), refreshed(1, ada, {MILLING: 1, SAFETY: 5}))
    await feed.batch(ended(3, ada))
    await numbering.number()
    entries = await entries_of(york)
    assert [each["type"] for each in entries] == ["pathways.refreshed", "pathways.refreshed", "pathways.ended"]
    assert {each["subject"] for each in entries} == {f"{ada}/{REGION}"}
    ids = {"learner_id": ada, "region": REGION}
    listed = [{"credential": SAFETY, "unlocked": 5}, {"credential": MILLING, "unlocked": 1}]
    assert [each["data"] for each in entries] == [
        ids | {"credentials": listed, "as_of": AS_OF, "version": 1},
        ids | {"credentials": [], "as_of": LATER, "version": 2},
        ids | {"version": 3},
    ]


async def test_a_signal_is_an_entry_for_each_provider_of_the_region_and_reads_as_the_signals_do(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering
) -> None:
    await register(york)
    await register(lima, zip=LANCASTER_ZIP)
    silenced: dict[str, Any] = {"level": "insufficient_data", "openings": 4, "employers": 1}
    kinds = ("Raised", "Eased", "Revised", "Cleared")
    await feed.batch(*(signal(f"Shortage{kind}", version) for version, kind in enumerate(kinds, 1)))
    shown = accepted(await york.get(f"/v1/signals/{REGION}/{CELL}"))
    await feed.batch(signal("ShortageSilenced", 5, **silenced))
    guarded = accepted(await york.get(f"/v1/signals/{REGION}/{CELL}"))
    await numbering.number()

    entries = await entries_of(york)
    assert [each["type"] for each in entries] == [f"signal.{kind.lower()}" for kind in (*kinds, "Silenced")]
    assert {each["subject"] for each in entries} == {f"{REGION}/{CELL}"}
    assert [each["data"] for each in entries[3:]] == [shown, guarded]
    assert (guarded["components"], guarded["top_credentials"]) == (None, [])
    assert await snapshot_of(york) == {f"{REGION}/{CELL}": guarded}
    assert (await entries_of(lima), await snapshot_of(lima)) == ([], {})


async def test_a_provider_that_a_region_begins_to_concern_is_told_of_its_published_signals_once(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    await feed.batch(
        signal("ShortageRaised", 1),
        signal("ShortageEased", 2, OTHER_CELL),
        signal("ShortageRaised", 1, region=LANCASTER),
        signal("ShortageSilenced", 1, region=NEIGHBOUR, level="insufficient_data"),
    )
    ada = await register(york)
    await register(york)
    await numbering.number()
    assert [(each["type"], each["subject"]) for each in await entries_of(york)] == [
        ("signal.eased", f"{REGION}/{OTHER_CELL}"),
        ("signal.raised", f"{REGION}/{CELL}"),
    ]
    accepted(await york.change("PATCH", f"/v1/learners/{ada}", 1, {"zip": LANCASTER_ZIP}))
    accepted(await york.post("/v1/cohorts", cohort(region=NEIGHBOUR)))
    accepted(await york.post("/v1/cohorts", cohort(region=NEIGHBOUR)))
    accepted(await york.change("PATCH", f"/v1/learners/{ada}", 2, {"zip": "17401"}))
    await numbering.number()
    entries = await entries_of(york, after=2)
    assert [(each["type"], each["data"]["region"]) for each in entries] == [
        ("signal.raised", LANCASTER),
        ("signal.silenced", NEIGHBOUR),
    ]
    assert entries[1]["data"]["components"] is None
    await feed.batch(signal("ShortageEased", 2), signal("ShortageEased", 2, region=LANCASTER))
    await numbering.number()
    assert await types_of(york, after=4) == ["signal.eased"] * 2
    state = {f"{each['region']}/{each['subject']}": each for each in accepted(await york.get("/v1/signals"))["items"]}
    assert await snapshot_of(york) == state


async def test_a_registration_that_is_undone_concerns_nobody(york: Caller, feed: Feed, context: Context) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    assert (await york.post("/v1/learners", learner(zip="00000"))).status_code == 422
    assert await concerned(context) == set()


async def test_a_repeated_or_late_event_makes_no_entry(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await register(york)
    for _ in range(2):
        await feed.batch(
            *[match("MatchProposed", 1, ada), match("MatchProposed", 1, ada), match("MatchRevised", 3, ada)],
            *[refreshed(2, ada, {MILLING: 1}), signal("ShortageRaised", 2)],
        )
    await feed.batch(match("MatchRevised", 2, ada), refreshed(1, ada, {}), signal("ShortageEased", 1))
    await feed.batch(match("MatchWithdrawn", 7, ada, "opn_never"), ended(7, await register(york)))
    await numbering.number()
    assert [(each["type"], each["data"]["version"]) for each in await entries_of(york)] == [
        ("match.proposed", 1),
        ("match.revised", 3),
        ("pathways.refreshed", 2),
        ("signal.raised", 2),
    ]


async def test_a_match_that_came_and_went_in_one_batch_is_told_whole(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await register(york)
    await feed.batch(match("MatchWithdrawn", 2, ada), match("MatchProposed", 1, ada), match("MatchProposed", 3, ada))
    await numbering.number()
    assert await types_of(york) == ["match.proposed", "match.withdrawn", "match.proposed"]


async def test_each_provider_has_a_feed_of_its_own_learners(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering
) -> None:
    ada, bob = await register(york), await register(lima)
    await feed.batch(match("MatchProposed", 1, ada), match("MatchProposed", 1, bob, provider_id="prv_lima"))
    await feed.batch(match("MatchProposed", 1, "lrn_unknown"), refreshed(1, "lrn_unknown", {MILLING: 1}))
    await numbering.number()
    for caller, mine in ((york, ada), (lima, bob)):
        assert [(each["position"], each["data"]["learner_id"]) for each in await entries_of(caller)] == [(1, mine)]
        assert set(await snapshot_of(caller)) == {f"{mine}/opn_1"}


async def test_nothing_about_a_learner_stays_in_the_feed_after_erasure(
    york: Caller, feed: Feed, numbering: Numbering, context: Context
) -> None:
    stays, goes = await register(york), await register(york)
    await feed.batch(
        *[match("MatchProposed", 1, each) for each in (stays, goes)],
        *[refreshed(1, each, {MILLING: 5}) for each in (stays, goes)],
        *[match("MatchProposed", 1, goes, "opn_2"), match("MatchWithdrawn", 2, goes, "opn_2")],
        *[refreshed(1, goes, {MILLING: 2}, region=NEIGHBOUR)],
    )
    await numbering.number()
    follower = Follower(york)
    await follower.begin(200)
    await follower.read_on(200)
    await erase(york, goes)
    async with context.store.reading() as session:
        kept = [row.data for row in await session.exec(select(FeedEntryRow)) if row.subject.startswith(goes) and row.data]
    ids = {"learner_id": goes, "region": REGION}
    assert kept == [
        ids | {"opening_id": "opn_1", "reason": "erased", "version": 1},
        ids | {"region": NEIGHBOUR, "version": 1},
        ids | {"version": 1},
    ]
    await feed.batch(
        *[match("MatchRevised", 2, goes), match("MatchWithdrawn", 3, goes, reason="erased")],
        *[refreshed(2, goes, {SAFETY: 1}), ended(3, goes)],
    )
    await numbering.number()
    entries = await entries_of(york)
    assert [each["position"] for each in entries] == list(range(1, 11))
    assert all(each["data"] for each in entries if each["subject"].startswith(stays))
    assert [each["type"] for each in entries[7:]] == ["match.withdrawn", "pathways.ended", "pathways.ended"]
    assert len([each for each in entries if each["data"] is None]) == 5
    await follower.follow()
    assert follower.state == await snapshot_of(york)
    assert set(follower.state) == {f"{stays}/opn_1", f"{stays}/{REGION}"}


async def test_a_provider_goes_on_seeing_a_learner_who_withdraws_consent(
    york: Caller, feed: Feed, numbering: Numbering
) -> None:
    ada = await register(york)
    await feed.batch(match("MatchProposed", 1, ada), match("MatchWithdrawn", 2, ada, reason="consent_withdrawn"))
    await numbering.number()
    said = [each["data"] for each in await entries_of(york)]
    assert [(each.get("score"), each.get("reason")) for each in said] == [(8200, None), (None, "consent_withdrawn")]


async def test_the_feed_is_for_providers_with_the_scope(caller: MakeCaller, operator: Caller) -> None:
    writer = await caller("prv_york", ["learners:write"])
    for path in ("/v1/feed", "/v1/feed/snapshot", "/v1/feed/events"):
        assert (await writer.get(path)).status_code == 403
        assert (await operator.get(path)).status_code == 403


async def test_after_a_lost_database_the_regions_concern_their_providers_again(
    york: Caller, caller: MakeCaller, feed: Feed, restored: RestoredService, context: Context
) -> None:
    empty = await restored.dump()
    await register(york)
    accepted(await york.post("/v1/cohorts", cohort(region=LANCASTER)))
    await restored.publish()
    before = await concerned(context)
    await restored.restore(empty)
    await feed.batch(signal("ShortageRaised", 1))
    assert await concerned(context) == set()
    await restored.reconcile(Choice.TAKE_LOG)
    assert await concerned(context) == before == {("prv_york", REGION), ("prv_york", LANCASTER)}
    again = await caller("prv_york", ["learners:read"])
    assert set(await snapshot_of(again)) == {f"{REGION}/{CELL}"}
