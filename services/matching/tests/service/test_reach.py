"""Whom openings reach is told at once when they change and once an interval otherwise; a draft is answered once a version."""

from datetime import timedelta
from typing import Any

import pytest
from service_world import CREDENTIALS, NOW, REGION, World, award
from sqlmodel import select

from contracts.topics import DRAFT
from makersync.envelope import Event
from makersync.store.tables import DeadLetterRow
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.reach_tables import PublishedCountsRow
from matching.application import reaching
from matching.domain.market.policy import Policy

MILLING, TURNING, SAFETY = CREDENTIALS
INTERVAL = 900.0
NONE, FEW, FIVE = (0, 1), (1, 5), (5, 10)
Told = tuple[str, int, int, dict[str, tuple[int, int]]] | tuple[str, int, str]


async def reach_events(world: World) -> list[Event]:
    await world.settle()
    return [event for event in await world.events() if event.type.startswith("matching.Reach")]


async def told(world: World) -> list[Told]:
    """Settle, and name what matching publishes of reach: subject, version, version counted for, qualified and near misses."""
    return [_named(event) for event in await reach_events(world)]


def _named(event: Event) -> Told:
    if event.type == "matching.ReachEnded":
        return event.subject, event.version, "ended"
    names = ("qualified", "near_misses")
    return event.subject, event.version, event.data["subject_version"], {name: as_pair(event.data[name]) for name in names}


def as_pair(found: dict[str, int]) -> tuple[int, int]:
    return found["at_least"], found["fewer_than"]


def counts(qualified: tuple[int, int] = NONE, near_misses: tuple[int, int] = NONE) -> dict[str, tuple[int, int]]:
    return {"qualified": qualified, "near_misses": near_misses}


async def millers(world: World, first: int, count: int, **changes: Any) -> None:
    for number in range(first, first + count):
        await world.learner(f"m{number}", award(MILLING, award_id=f"m{number}-award"), **changes)


async def test_an_opening_hears_at_once_whom_it_reaches(world: World) -> None:
    await millers(world, 0, 6)
    await world.learner("ann", award(TURNING))
    await world.learner("bob", award(MILLING), wage_floor=3000)
    event = await world.opening(wage_max=2500)
    [counted] = await reach_events(world)
    as_of = counted.data.pop("as_of")
    few, none = {"at_least": 1, "fewer_than": 5}, {"at_least": 0, "fewer_than": 1}
    assert counted.data == {
        "region": REGION,
        "subject_id": "job",
        "employer_id": "works",
        "subject_version": 1,
        "in_reach": {"at_least": 7, "fewer_than": 20},
        "pass_gates": {"at_least": 6, "fewer_than": 15},
        "qualified": {"at_least": 5, "fewer_than": 10},
        "near_misses": few,
        "lacking": [{"id": "g", "near_misses": few}],
        "held_back": [
            {"gate": "unavailable", "learners": none},
            {"gate": "shift_conflict", "learners": none},
            {"gate": "pay_conflict", "learners": few},
        ],
        "policy_version": 1,
        "day": "2026-11-22",
    }
    assert as_of.startswith("2026-11-22T09:00:") and as_of.endswith("Z")
    assert (counted.type, counted.partitionkey, counted.causationid) == ("matching.ReachCounted", REGION, event.id)


async def test_a_revised_opening_is_counted_anew_and_one_that_is_not_live_ends(world: World) -> None:
    await world.opening()
    assert await told(world) == [("job", 1, 1, counts())]
    await world.opening(title="Miller")
    assert await told(world) == [("job", 2, 2, counts())]
    await world.opening(kind="OpeningClosed", status="closed")
    assert await told(world) == [("job", 3, "ended")]
    await world.opening(kind="OpeningRevised", status="closed", title="Turner")
    assert await told(world) == []
    await world.opening(kind="OpeningReopened")
    assert await told(world) == [("job", 4, 5, counts())]


async def test_learners_take_effect_with_the_next_refresh_and_only_where_ranges_differ(world: World) -> None:
    await world.opening()
    await world.opening("other", groups=[])
    await world.learner("nobody", seeking=False)
    assert await told(world) == [("job", 1, 1, counts()), ("other", 1, 1, counts())]
    await millers(world, 0, 2)
    assert await told(world) == []
    world.pass_seconds(INTERVAL)
    assert sorted(map(str, await told(world))) == [str((name, 2, 1, counts(FEW))) for name in ("job", "other")]
    await world.learner("m2", award(TURNING))
    await millers(world, 3, 2)
    world.pass_seconds(INTERVAL)
    expected = [("job", 3, 1, counts(FEW, FEW)), ("other", 3, 1, counts(FIVE))]
    assert sorted(map(str, await told(world))) == list(map(str, expected))
    world.pass_seconds(INTERVAL)
    assert await told(world) == []


async def test_an_opening_that_a_day_ends_ends_at_once_and_lapsed_awards_with_the_refresh(world: World) -> None:
    await world.opening(closes_on="2026-11-22")
    await world.opening("lasting")
    await world.learner("ann", award(MILLING, expires_on="2026-11-23"))
    world.pass_seconds(INTERVAL)
    await told(world)
    world.clock.move_to(NOW + timedelta(days=1))
    assert sorted(map(str, await told(world))) == sorted(map(str, [("job", 2, "ended"), ("lasting", 2, 1, counts(NONE, FEW))]))


async def test_a_definition_takes_effect_and_a_policy_changes_no_count(world: World) -> None:
    await world.learner("ann", award(TURNING))
    await world.opening()
    assert await told(world) == [("job", 1, 1, counts(NONE, FEW))]
    world.pass_seconds(INTERVAL)
    await world.credential(TURNING, implies=[MILLING])
    assert await told(world) == [("job", 2, 1, counts(FEW))]
    world.pass_seconds(INTERVAL)
    policy = Policy(version=2, shortlist_min=1)
    async with world.store.transaction() as session:
        session.add(PolicyRow(version=2, document=policy.to_dict(), applied_at=NOW))
    assert await told(world) == []


async def test_a_draft_is_answered_at_once_and_never_enters_the_market(world: World) -> None:
    """Guards that a draft causes no match, no signal and no pathway, and is asked about under the rules of now."""
    await millers(world, 0, 5)
    await world.learner("ann", award(TURNING))
    await world.settle()
    await world.events()
    event = await world.draft()
    await world.settle()
    [answer] = await world.events()
    assert _named(answer) == ("draft", 1, 1, counts(FIVE, FEW))
    assert (answer.causationid, answer.data["employer_id"]) == (event.id, "works")
    world.pass_seconds(INTERVAL)
    assert await told(world) == []


async def test_every_version_of_a_draft_is_answered_and_its_end_once(world: World) -> None:
    """Guards that an id is used again, also for a question with the same answer."""
    await world.draft()
    assert await told(world) == [("draft", 1, 1, counts())]
    await world.draft_ends()
    assert await told(world) == [("draft", 2, "ended")]
    await world.draft(remote=True, zip=None, region="remote")
    await world.draft()
    assert sorted(map(str, await told(world))) == sorted(map(str, [("draft", 1, 1, counts()), ("draft", 3, 3, counts())]))
    await world.draft()
    assert await told(world) == [("draft", 4, 4, counts())]


async def test_a_draft_that_ended_before_its_answer_is_not_counted(world: World) -> None:
    await world.draft()
    await world.draft_ends()
    assert await told(world) == []
    async with world.store.reading() as session:
        [row] = (await session.exec(select(AskedDraftRow))).all()
    assert (row.version, row.document, row.waits) == (2, None, False)


async def test_another_process_answers_what_one_has_stored_and_nothing_is_answered_twice(world: World) -> None:
    """Guards drafts against the death of who stored them and of who answered them."""
    [catalog, drafts, market] = world.loops
    world.loops = [catalog, drafts]
    await world.draft()
    assert await told(world) == []
    world.loops = [market]
    assert await told(world) == [("draft", 1, 1, counts())]
    world.loops = [catalog, drafts, market]
    await world.stop()
    await world.start("matching-2")
    assert await told(world) == []
    await world.draft_ends()
    assert await told(world) == [("draft", 2, "ended")]


async def test_counts_that_changed_while_nobody_looked_are_told_after_a_restart(world: World) -> None:
    await world.opening()
    await world.opening("closed")
    await told(world)
    await world.stop()
    await millers(world, 0, 1)
    await world.opening("closed", "OpeningClosed", status="closed")
    await world.start("matching-2")
    assert sorted(map(str, await told(world))) == sorted(map(str, [("closed", 2, "ended"), ("job", 2, 1, counts(FEW))]))
    async with world.store.reading() as session:
        rows = {row.subject_id: row for row in (await session.exec(select(PublishedCountsRow))).all()}
    assert (rows["closed"].digest, rows["closed"].is_draft, rows["job"].version) == (None, False, 2)


async def test_a_draft_stays_its_employers(world: World) -> None:
    """Guards that nobody is answered about the draft of another employer."""
    await world.draft()
    await told(world)
    await world.draft(employer_id="others")
    assert await told(world) == []
    async with world.store.reading() as session:
        [letter] = (await session.exec(select(DeadLetterRow))).all()
    assert (letter.topic, letter.consumer) == (DRAFT.name, "matching.drafts")


async def test_a_draft_that_is_not_understood_keeps_nothing_standing(world: World) -> None:
    """Guards: a draft of another version of the service ends no process and halts no market; its end takes it away."""
    await world.draft()
    assert [each[:2] for each in await told(world)] == [("draft", 1)]
    async with world.store.transaction() as session:
        [row] = (await session.exec(select(AskedDraftRow))).all()
        strange = {"draft_id": "strange", "document": {"shifts": ["unheard of"]}, "waits": True}
        session.add(AskedDraftRow(**row.model_dump() | strange))
    await millers(world, 0, 5)
    await world.draft()
    assert [each[:2] for each in await told(world)] == [("draft", 2)]
    assert not any(held.halts for loop in world.loops for held in loop.held.values())


async def test_a_draft_that_cannot_be_counted_keeps_nothing_standing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: no record is to blame, so that the market itself would halt, and again after every resumption."""

    def fails(*_: object) -> None:
        raise OverflowError

    with monkeypatch.context() as patched:
        patched.setattr(reaching, "_counted", fails)
        await world.draft()
        assert await told(world) == []
    await world.opening()
    assert [each[0] for each in await told(world)] == ["job"]
    assert not any(held.halts for loop in world.loops for held in loop.held.values())
