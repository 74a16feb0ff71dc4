"""Matches of a provider's own learners, as the matching service publishes them."""

from datetime import timedelta

from learners.adapters.forgetting import forget_ended
from learners.adapters.tables import LearnerMatchRow
from makersync.clock import ManualClock
from makersync.effects.consumer_port import KnownSubject
from makersync.runtime.service import Context

from .conftest import Caller
from .events import Feed, match, signal
from .samples import register
from .test_pathways import ended, refreshed


async def test_a_provider_sees_the_matches_of_its_learner(york: Caller, feed: Feed) -> None:
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}/matches"
    assert (await york.get(path)).json() == {"items": [], "next_cursor": None, "live_count": 0}
    await feed.batch(
        match("MatchProposed", 1, learner_id),
        match("MatchProposed", 1, learner_id, "opn_2"),
        match("MatchRevised", 2, learner_id, "opn_2", score=9000),
        match("MatchProposed", 1, learner_id, "opn_3"),
        match("MatchWithdrawn", 2, learner_id, "opn_3"),
    )
    found = (await york.get(path)).json()
    assert found["live_count"] == 2
    assert [(one["opening_id"], one["live"], one["score"], one["reason"], one["version"]) for one in found["items"]] == [
        ("opn_1", True, 8200, None, 1),
        ("opn_2", True, 9000, None, 2),
        ("opn_3", False, None, "outranked", 2),
    ]
    assert [one["opening_id"] for one in (await york.get(path, live=True, limit=1)).json()["items"]] == ["opn_1"]
    assert [one["opening_id"] for one in (await york.get(path, live=False)).json()["items"]] == ["opn_3"]


async def test_ended_matches_and_pathways_are_deleted_after_their_time_and_not_before(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    ada = await register(york)
    await feed.batch(
        match("MatchProposed", 1, ada),
        match("MatchWithdrawn", 2, ada, "opn_2"),
        refreshed(1, ada, {"nims:cnc-milling-operator": 1}),
        refreshed(1, ada, {"nims:cnc-milling-operator": 1}, region="25420"),
        ended(2, ada),
    )
    assert await forget_ended(context.store, clock, 30) == 0
    clock.move_to(clock.now() + timedelta(days=29))
    assert await forget_ended(context.store, clock, 30) == 0
    await feed.batch(match("MatchProposed", 1, ada, "opn_2"))
    shown = (await york.get(f"/v1/learners/{ada}/matches")).json()["items"]
    assert [(one["opening_id"], one["live"]) for one in shown] == [("opn_1", True), ("opn_2", False)]
    clock.move_to(clock.now() + timedelta(days=2))
    assert await forget_ended(context.store, clock, 30) == 2
    assert [one["opening_id"] for one in (await york.get(f"/v1/learners/{ada}/matches")).json()["items"]] == ["opn_1"]
    await feed.batch(match("MatchProposed", 7, ada, "opn_2"))
    assert (await york.get(f"/v1/learners/{ada}/matches")).json()["live_count"] == 2


async def test_a_late_copy_revives_no_match(york: Caller, feed: Feed) -> None:
    learner_id = await register(york)
    await feed.batch(match("MatchWithdrawn", 2, learner_id))
    await feed.batch(match("MatchProposed", 1, learner_id))
    await feed.batch(match("MatchWithdrawn", 2, learner_id, reason="erased"))
    [shown] = (await york.get(f"/v1/learners/{learner_id}/matches")).json()["items"]
    assert (shown["live"], shown["reason"], shown["version"]) == (False, "outranked", 2)


async def test_a_match_that_arrives_after_an_erasure_leaves_only_its_version(
    york: Caller, feed: Feed, context: Context
) -> None:
    learner_id = await register(york)
    await feed.batch(match("MatchProposed", 1, learner_id))
    await york.change("DELETE", f"/v1/learners/{learner_id}", 1)
    await feed.batch(match("MatchRevised", 2, learner_id), match("MatchProposed", 5, learner_id, "opn_2"))
    async with context.store.reading() as session:
        rows = [await session.get(LearnerMatchRow, (learner_id, opening)) for opening in ("opn_1", "opn_2")]
    assert [(row.live, row.score, row.reason, row.version) for row in rows if row] == [
        (False, None, "erased", 2),
        (False, None, "erased", 5),
    ]


async def test_the_provider_that_a_match_names_is_checked(york: Caller, feed: Feed) -> None:
    """Guards: a match that names another provider would show the learner to that provider."""
    learner_id = await register(york)
    await feed.batch(match("MatchProposed", 3, learner_id), signal("ShortageRaised", 2))
    provider_id = (await york.get(f"/v1/learners/{learner_id}")).json()["provider_id"]
    known = await feed.known(
        match("MatchRevised", 4, learner_id), match("MatchProposed", 1, "lrn_x"), signal("ShortageRevised", 3)
    )
    assert list(known) == [KnownSubject(3, {"provider_id": provider_id}), KnownSubject(0, {}), KnownSubject(2, {})]
