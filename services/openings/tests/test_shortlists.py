"""Shortlists: how the events of matches change them, and how employers see them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.effects.consumer_port import KnownSubject
from makersync.runtime.service import Context
from openings.adapters.shortlist_tables import MatchCountsRow, ShortlistRow
from openings.domain.shortlist import RECENT, Candidate, ScoreComponents, ranked
from openings.entrypoints.sweeps import forgetting_sweep

from .conftest import NOW, Caller
from .events import Feed, Match
from .samples import group

pytestmark = pytest.mark.usefixtures("catalog")


async def shortlist(acme: Caller, opening_id: str, **parameters: str) -> dict[str, Any]:
    answer = await acme.get(f"/v1/openings/{opening_id}/shortlist", **parameters)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def learners(acme: Caller, opening_id: str) -> list[str]:
    return [candidate["learner_id"] for candidate in (await shortlist(acme, opening_id))["candidates"]]


async def test_a_proposed_match_is_shown_with_everything_that_its_score_is_based_on(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    outcomes = [
        {"id": "cnc", "met": True, "evidence": "verified", "awards": ["awd_1", "awd_2"]},
        {"id": "cpt", "met": False},
    ]
    components = {"preferred": 0, "evidence": 10000}
    await feed.matches(Match(opening_id, "lrn_1").proposed(1, groups=outcomes, components=components, score=2857))
    [candidate] = (await shortlist(acme, opening_id))["candidates"]
    assert (candidate["rank"], candidate["learner_id"], candidate["provider_id"]) == (1, "lrn_1", "prv_york")
    why = candidate["explanation"]
    assert (why["score"], why["components"]) == (2857, {"preferred": 0, "trainable": None, "evidence": 10000})
    assert (why["unknown"], why["policy_version"], why["day"]) == (["wage_floor"], 1, "2026-11-22")
    cnc, cpt = why["groups"]
    assert (cnc["met"], cnc["evidence"], cnc["awards"]) == (True, "verified", ["awd_1", "awd_2"])
    assert (cnc["asked"]["any_of"], cnc["asked"]["weight"]) == ([{"credential": "nims.cnc-operator"}], 2)
    assert (cpt["met"], cpt["evidence"], cpt["awards"], cpt["asked"]["necessity"]) == (False, None, [], "preferred")
    assert why["note"] is None


async def test_candidates_are_ordered_by_score_then_by_time_seeking_then_by_id(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    await feed.matches(
        Match(opening_id, "lrn_d").proposed(1, seeking_since=None),
        Match(opening_id, "lrn_b").proposed(1, seeking_since="2026-10-02"),
        Match(opening_id, "lrn_c").proposed(1, seeking_since="2026-10-02"),
        Match(opening_id, "lrn_a").proposed(1, seeking_since="2026-10-03"),
        Match(opening_id, "lrn_z").proposed(1, score=9000, seeking_since=None),
    )
    assert await learners(acme, opening_id) == ["lrn_z", "lrn_b", "lrn_c", "lrn_a", "lrn_d"]
    ranks = [candidate["rank"] for candidate in (await shortlist(acme, opening_id))["candidates"]]
    assert ranks == [1, 2, 3, 4, 5]


def test_ids_are_ordered_by_code_point_and_an_absent_date_comes_after_every_date() -> None:
    def candidate(learner_id: str, since: date | None) -> Candidate:
        return Candidate(
            opening_id="o",
            learner_id=learner_id,
            provider_id="p",
            version=1,
            score=1,
            components=ScoreComponents(),
            outcomes=(),
            seeking_since=since,
            unknown=(),
            opening_version=1,
            learner_version=1,
            policy_version=1,
            day=date(2026, 1, 1),
            changed_at=NOW,
        )

    order = ranked([candidate("a", None), candidate("b", date.max), candidate("_", None), candidate("B", None)])
    assert [each.learner_id for each in order] == ["b", "B", "_", "a"]


async def test_a_revision_replaces_and_a_withdrawal_takes_off_the_list(acme: Caller, feed: Feed, opening_id: str) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1))
    await feed.matches(match.revised(2, score=9100))
    assert (await shortlist(acme, opening_id))["candidates"][0]["score"] == 9100
    await feed.matches(match.withdrawn(3, "credential_lapsed"))
    shown = await shortlist(acme, opening_id, include="withdrawn")
    assert shown["candidates"] == []
    [former] = shown["withdrawn"]
    assert (former["learner_id"], former["reason"], former["score"]) == ("lrn_1", "credential_lapsed", 9100)
    assert former["changed_at"] == "2026-11-22T08:59:59Z"
    assert (await shortlist(acme, opening_id))["withdrawn"] is None


async def test_duplicate_and_late_events_change_nothing_even_after_the_match_has_ended(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    match = Match(opening_id, "lrn_1")
    story = [match.proposed(1), match.revised(2, score=1), match.withdrawn(3, "outranked")]
    await feed.matches(*story)
    for twin in story:
        await feed.matches(twin, twin)
        assert await learners(acme, opening_id) == []
    await feed.matches(match.proposed(4, score=5))
    await feed.matches(*reversed(story))
    assert (await shortlist(acme, opening_id))["candidates"][0]["score"] == 5


async def test_a_pair_can_be_proposed_again_and_the_old_reason_is_gone(
    acme: Caller, feed: Feed, opening_id: str, context: Context
) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1), match.withdrawn(2, "outranked"), match.proposed(3))
    assert await learners(acme, opening_id) == ["lrn_1"]
    assert (await entry(context, "lrn_1")).reason is None


async def entry(context: Context, learner_id: str) -> ShortlistRow:
    async with context.store.reading() as session:
        return (await session.exec(select(ShortlistRow).where(ShortlistRow.learner_id == learner_id))).one()


FORGOTTEN = ("provider_id", "score", "components", "outcomes", "seeking_since", "unknown", "learner_version", "latency_ms")


@pytest.mark.parametrize("reason", ["erased", "consent_withdrawn"])
async def test_a_learner_who_is_erased_or_withdraws_consent_leaves_only_a_version(
    feed: Feed, opening_id: str, context: Context, reason: str
) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1))
    assert (await entry(context, "lrn_1")).outcomes
    await feed.matches(match.withdrawn(2, reason))
    row = await entry(context, "lrn_1")
    assert (row.version, row.live, row.reason) == (2, False, reason)
    assert [getattr(row, name) for name in FORGOTTEN] == [None] * len(FORGOTTEN)


async def test_a_learner_who_is_proposed_and_erased_in_one_batch_leaves_only_a_version(
    feed: Feed, opening_id: str, context: Context
) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1), match.withdrawn(2, "erased"))
    row = await entry(context, "lrn_1")
    assert [getattr(row, name) for name in FORGOTTEN] == [None] * len(FORGOTTEN)


async def test_an_end_that_arrives_first_outranks_the_earlier_proposal(acme: Caller, feed: Feed, opening_id: str) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.withdrawn(2, "outranked"))
    await feed.matches(match.proposed(1))
    assert await learners(acme, opening_id) == []


async def test_former_candidates_are_shown_for_a_week_and_then_forgotten(
    acme: Caller, feed: Feed, opening_id: str, context: Context, clock: ManualClock
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await feed.matches(Match(opening_id, "lrn_1").withdrawn(2, "outranked"))
    sweep = forgetting_sweep(context.store, context.clock, keep_days=30)
    assert await sweep() == 0
    clock.move_to(NOW + RECENT)
    assert (await sweep(), await sweep()) == (1, 0)
    row = await entry(context, "lrn_1")
    assert (row.version, row.reason, row.score, row.provider_id) == (2, "outranked", None, None)
    assert (await shortlist(acme, opening_id, include="withdrawn"))["withdrawn"] == []
    assert await learners(acme, opening_id) == ["lrn_2"]


async def test_a_match_that_ended_long_ago_is_deleted_with_its_version(
    acme: Caller, feed: Feed, opening_id: str, context: Context, clock: ManualClock
) -> None:
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(1), match.withdrawn(2, "outranked"), Match(opening_id, "lrn_2").proposed(1))
    sweep = forgetting_sweep(context.store, context.clock, keep_days=30)
    clock.move_to(NOW + timedelta(days=29))
    await sweep()
    await feed.matches(match.proposed(1))
    assert await learners(acme, opening_id) == ["lrn_2"]
    clock.move_to(NOW + timedelta(days=31))
    await sweep()
    async with context.store.reading() as session:
        assert [row.learner_id for row in (await session.exec(select(ShortlistRow))).all()] == ["lrn_2"]
    await feed.matches(match.proposed(9))
    assert sorted(await learners(acme, opening_id)) == ["lrn_1", "lrn_2"]


async def test_a_result_about_groups_that_were_revised_since_says_so(acme: Caller, feed: Feed, opening_id: str) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    path = f"/v1/openings/{opening_id}"
    await acme.change("PATCH", path, 1, {"title": "Miller"})
    retitled = (await shortlist(acme, opening_id))["candidates"][0]["explanation"]
    assert (retitled["note"], retitled["groups"][0]["asked"]["id"]) == (None, "cnc")
    await acme.change("PATCH", path, 2, {"groups": [group(weight=9)]})
    revised = (await shortlist(acme, opening_id))["candidates"][0]["explanation"]
    assert revised["groups"][0]["asked"] is None
    assert "revised after this result" in revised["note"]


async def test_an_opening_shows_how_many_candidates_it_has(acme: Caller, feed: Feed, opening_id: str) -> None:
    await feed.matches(*(Match(opening_id, f"lrn_{n}").proposed(1) for n in range(3)))
    await feed.matches(Match(opening_id, "lrn_0").withdrawn(2, "outranked"))
    assert (await acme.get(f"/v1/openings/{opening_id}")).json()["candidates"] == 2
    assert (await acme.get("/v1/openings")).json()["items"][0]["candidates"] == 2


async def test_another_include_is_refused(acme: Caller, opening_id: str) -> None:
    assert (await acme.get(f"/v1/openings/{opening_id}/shortlist", include="everything")).status_code == 422


async def test_a_large_batch_is_written_whole(acme: Caller, feed: Feed, opening_id: str) -> None:
    await feed.matches(*(Match(opening_id, f"lrn_{n}").proposed(1) for n in range(1000)))
    await feed.matches(*(Match(opening_id, f"lrn_{n}").withdrawn(2, "outranked") for n in range(950)))
    assert (await acme.get(f"/v1/openings/{opening_id}")).json()["candidates"] == 50


async def test_an_empty_batch_writes_nothing(feed: Feed, context: Context) -> None:
    await feed.matches()
    async with context.store.reading() as session:
        assert (await session.exec(select(MatchCountsRow))).all() == []


async def test_a_match_with_versions_above_a_foreign_one_is_shown(acme: Caller, feed: Feed, opening_id: str) -> None:
    """After a foreign event with version 2^53, the owner of a subject continues above it."""
    above = {"opening_version": 2**53 + 1, "learner_version": 2**53 + 2}
    await feed.matches(Match(opening_id, "lrn_1").proposed(2**53 + 3, **above))
    assert await learners(acme, opening_id) == ["lrn_1"]


async def test_the_employer_of_an_opening_is_known_before_a_match_on_it_is_accepted(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    """Guards: a match that names the wrong employer would show an employer the candidates of another."""
    match = Match(opening_id, "lrn_1")
    await feed.matches(match.proposed(3))
    employer_id = (await acme.get(f"/v1/openings/{opening_id}")).json()["employer_id"]
    stranger = Match("opn_unheard_of", "lrn_1")
    known = await feed.known(match.revised(4), stranger.proposed(1))
    assert list(known) == [KnownSubject(3, {"employer_id": employer_id}), KnownSubject(0, {})]
