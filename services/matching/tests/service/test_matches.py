"""From the events of openings and learners to the events of matches."""

from datetime import timedelta

from service_world import CREDENTIALS, FAR, REGION, World, award
from sqlmodel import select

from contracts.topics import LEARNER, OPENING
from matching.adapters.subject_tables import SubjectRow

MILLING, TURNING, SAFETY = CREDENTIALS


async def test_a_qualified_learner_is_proposed_with_all_that_recomputes_the_score(world: World) -> None:
    await world.opening()
    told = await world.learner()
    await world.settle()
    [proposed] = [event for event in await world.events() if event.type == "matching.MatchProposed"]
    assert proposed.subject == "job/ann"
    assert proposed.version == 1
    assert proposed.causationid == told.id
    assert proposed.data == {
        "region": "17410",
        "opening_id": "job",
        "learner_id": "ann",
        "employer_id": "works",
        "provider_id": "college",
        "score": 10_000,
        "components": {"evidence": 10_000},
        "groups": [{"id": "g", "met": True, "evidence": "verified", "awards": ["ann-award"]}],
        "awards": [{"award_id": "ann-award", "credential": CREDENTIALS[0]}],
        "unknown": ["unavailable", "pay_conflict"],
        "opening_version": 1,
        "learner_version": 1,
        "groups_digest": proposed.data["groups_digest"],
        "awards_digest": proposed.data["awards_digest"],
        "policy_version": 1,
        "day": "2026-11-22",
    }


async def test_an_award_that_is_revoked_withdraws_the_match_and_its_return_proposes_it_again(world: World) -> None:
    await world.opening()
    await world.learner()
    assert await world.news() == [("proposed", "job", "ann")]
    await world.learner("ann", award(MILLING, status="revoked"))
    assert await world.news() == [("withdrawn", "job", "ann", "credential_lapsed")]
    await world.learner("ann", award(MILLING))
    assert await world.news() == [("proposed", "job", "ann")]


async def test_each_end_names_its_first_reason(world: World) -> None:
    for name in ("erased", "silent", "away", "busy"):
        await world.learner(name)
    await world.opening(positions=4)
    await world.news()
    await world.gone("erased", "LearnerErased")
    await world.learner("silent", consents_to_matching=False)
    await world.gone("away", "LearnerWithdrawn")
    await world.learner("busy", seeking=False)
    assert sorted(await world.news()) == [
        ("withdrawn", "job", "away", "learner_unavailable"),
        ("withdrawn", "job", "busy", "learner_unavailable"),
        ("withdrawn", "job", "erased", "erased"),
        ("withdrawn", "job", "silent", "consent_withdrawn"),
    ]


async def test_an_opening_that_closes_or_changes_withdraws_for_its_own_reason(world: World) -> None:
    await world.learner()
    await world.opening("closing")
    await world.opening("changing")
    await world.news()
    await world.opening("closing", "OpeningClosed", status="closed")
    wanted = [{"id": "g", "necessity": "required", "any_of": [{"credential": TURNING}]}]
    await world.opening("changing", "OpeningRevised", groups=wanted)
    assert sorted(await world.news()) == [
        ("withdrawn", "changing", "ann", "opening_changed"),
        ("withdrawn", "closing", "ann", "opening_closed"),
    ]


async def test_a_withdrawal_carries_the_version_of_the_opening_that_it_was_judged_on(world: World) -> None:
    await world.opening("closing")
    await world.opening("staying")
    await world.learner()
    await world.news()
    await world.opening("staying", "OpeningRevised", title="Fitter")
    await world.settle()
    await world.opening("closing", "OpeningClosed", status="closed")
    await world.learner(seeking=False)
    await world.settle()
    withdrawn = {
        event.data["opening_id"]: event.data for event in await world.events() if event.type == "matching.MatchWithdrawn"
    }
    assert {opening_id: data["opening_version"] for opening_id, data in withdrawn.items()} == {"closing": 2, "staying": 2}
    assert {opening_id: data["reason"] for opening_id, data in withdrawn.items()} == {
        "closing": "opening_closed",
        "staying": "opening_changed",
    }


async def test_midnight_expires_openings_and_awards_with_no_event(world: World) -> None:
    await world.opening("until-today", closes_on="2026-11-22")
    await world.opening("open-ended")
    await world.learner("ann")
    await world.learner("bob", award(MILLING, expires_on="2026-11-23"))
    await world.news()
    world.clock.move_to(world.clock.now() + timedelta(days=1))
    assert sorted(await world.news()) == [
        ("withdrawn", "open-ended", "bob", "credential_lapsed"),
        ("withdrawn", "until-today", "ann", "opening_expired"),
        ("withdrawn", "until-today", "bob", "opening_expired"),
    ]


async def test_a_process_that_was_down_over_midnight_catches_up(world: World) -> None:
    await world.opening()
    await world.learner("ann", award(MILLING, expires_on="2026-11-24"))
    await world.news()
    await world.stop()
    world.clock.move_to(world.clock.now() + timedelta(days=3))
    await world.start("matching-2")
    assert await world.news() == [("withdrawn", "job", "ann", "credential_lapsed")]


async def test_a_definition_that_arrives_later_takes_effect_when_it_does(world: World) -> None:
    await world.opening()
    await world.learner("ann", award("new:badge"))
    assert await world.news() == []
    await world.credential("new:badge", implies=[MILLING])
    assert await world.news() == [("proposed", "job", "ann")]


async def test_a_definition_that_implies_less_withdraws_because_the_rules_changed(world: World) -> None:
    await world.credential("new:badge", implies=[MILLING])
    await world.opening()
    await world.learner("ann", award("new:badge"))
    assert await world.news() == [("proposed", "job", "ann")]
    await world.credential("new:badge")
    assert await world.news() == [("withdrawn", "job", "ann", "rules_changed")]


async def test_copies_and_late_duplicates_change_nothing(world: World) -> None:
    await world.opening()
    await world.learner("ann", version=5)
    await world.news()
    await world.learner("ann", version=5, seeking=False)
    await world.learner("ann", version=4, seeking=False)
    assert await world.news() == []
    await world.gone("ann", "LearnerErased")
    assert await world.news() == [("withdrawn", "job", "ann", "erased")]
    await world.learner("ann", version=5)
    assert await world.news() == []


async def test_the_next_best_enters_when_someone_leaves_a_full_shortlist(world: World) -> None:
    await world.opening()
    for number in range(11):
        await world.learner(f"learner-{number:02}")
    assert len(await world.news()) == 10
    await world.learner("learner-03", seeking=False)
    assert sorted(await world.news()) == [
        ("proposed", "job", "learner-10"),
        ("withdrawn", "job", "learner-03", "learner_unavailable"),
    ]


async def test_a_restart_publishes_nothing_again(world: World) -> None:
    await world.opening()
    await world.learner()
    await world.news()
    await world.stop()
    await world.start("matching-2")
    assert await world.news() == []


async def test_a_stored_match_that_does_not_follow_from_the_subjects_ends_at_the_next_start(world: World) -> None:
    """Guards: a wrong match that an earlier version left behind would stay until something touched it. Here the stored learner
    no longer seeks."""
    await world.opening()
    await world.learner("ann")
    assert await world.news() == [("proposed", "job", "ann")]
    await world.stop()
    async with world.store.transaction() as session:
        ann = (await session.exec(select(SubjectRow).where(SubjectRow.subject_id == "ann"))).one()
        ann.document = {**(ann.document or {}), "seeking": False}
        session.add(ann)
    await world.start()
    assert [each[:3] for each in await world.news()] == [("withdrawn", "job", "ann")]


async def test_a_zip_outside_the_table_is_set_aside_and_the_rest_is_processed(world: World) -> None:
    await world.opening()
    await world.learner("lost", zip="00000")
    await world.learner("ann")
    assert await world.news() == [("proposed", "job", "ann")]
    async with world.store.reading() as session:
        letters = await session.run_sync(
            lambda s: s.connection().exec_driver_sql("SELECT topic, reason FROM dead_letter").all()
        )
    assert [tuple(row) for row in letters] == [(LEARNER.name, "breaks_contract")]


async def test_someone_out_of_reach_is_never_proposed(world: World) -> None:
    await world.opening()
    await world.learner("ann", zip=FAR)
    assert await world.news() == []


async def test_versions_above_a_foreign_one_are_taken_and_named(world: World) -> None:
    """After a foreign version of 2^53 its owner continues above it."""
    job = {"opening_id": "job", "employer_id": "works", "region": REGION, "title": "Machinist", "zip": "44114", "positions": 1}
    await world.say(OPENING, "OpeningRevised", "job", job | {"groups": [], "status": "open"}, version=2**53 + 1)
    await world.learner("ann", version=2**53 + 2)
    await world.settle()
    [proposed] = [event for event in await world.events() if event.type == "matching.MatchProposed"]
    assert (proposed.data["opening_version"], proposed.data["learner_version"]) == (2**53 + 1, 2**53 + 2)
