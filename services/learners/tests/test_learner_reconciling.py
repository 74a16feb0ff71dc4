"""Learners after a store was restored or lost: the withdrawn and erased do not come back, all others can still be withdrawn."""

import pytest
from sqlmodel import select

from contracts.topics import LEARNER
from learners.adapters.tables import ErasedLearnerRow, LearnerRow, PersonRow
from makersync.clock import ManualClock
from makersync.effects.divergence import Divergence
from makersync.effects.reconciling import Choice, SubjectSelection
from makersync.envelope import Event, encode, encode_sequence
from tests.servers.restoring import Dump, RestoredService

from .conftest import NOW, Caller, MakeCaller
from .samples import YORK_REGION, accepted, erase, record, register

BOTH = pytest.mark.parametrize("choice", list(Choice))
LANCASTER, REMOTE = "29540", "remote"
CONSENTS = {"consents_to_matching": True}


async def consent(caller: Caller, learner_id: str, given: bool) -> None:
    version = (await caller.get(f"/v1/learners/{learner_id}")).json()["version"]
    accepted(await caller.change("PUT", f"/v1/learners/{learner_id}/consent", version, {"consents_to_matching": given}))


async def revise(caller: Caller, learner_id: str, **changed: object) -> None:
    version = (await caller.get(f"/v1/learners/{learner_id}")).json()["version"]
    accepted(await caller.change("PATCH", f"/v1/learners/{learner_id}", version, changed))


async def ends_of(restored: RestoredService, learner_id: str) -> dict[str, tuple[str, int]]:
    """What was last published of a learner to each region."""
    ends = await restored.ends(LEARNER)
    return {e.partitionkey: (e.type.partition(".")[2], e.version) for e in ends.values() if e.subject == learner_id}


async def consents(restored: RestoredService, learner_id: str) -> set[bool]:
    ends = [event for event in (await restored.ends(LEARNER)).values() if event.subject == learner_id]
    return {event.data["consents_to_matching"] for event in ends if "consents_to_matching" in event.data}


async def taken_back(restored: RestoredService, dump: Dump) -> None:
    await restored.publish()
    await restored.restore(dump)


@BOTH
async def test_a_consent_that_the_log_withdrew_stays_withdrawn_whatever_is_chosen(
    york: Caller, restored: RestoredService, choice: Choice
) -> None:
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    await consent(york, learner_id, False)
    await taken_back(restored, dump)
    await restored.reconcile(choice)
    assert (await york.get(f"/v1/learners/{learner_id}")).json()["consents_to_matching"] is False
    assert await consents(restored, learner_id) == {False}
    assert await restored.differences() == []


async def test_a_search_that_ended_in_the_log_stays_ended_above_it(york: Caller, restored: RestoredService) -> None:
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    await revise(york, learner_id, seeking=False)
    await taken_back(restored, dump)
    await restored.reconcile(Choice.ABOVE)
    shown = (await york.get(f"/v1/learners/{learner_id}")).json()
    assert (shown["seeking"], shown["seeking_since"], shown["version"]) == (False, None, 3)


@BOTH
async def test_a_consent_withdrawn_since_the_store_was_restored_takes_effect(
    york: Caller, restored: RestoredService, choice: Choice, clock: ManualClock
) -> None:
    """Case 08: the store is at version 2, the log at 5, and the withdrawal is answered with 200."""
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    for reach_km in (10, 20, 30):
        await revise(york, learner_id, reach_km=reach_km)
    await taken_back(restored, dump)
    clock.move_to(NOW.replace(hour=NOW.hour + 1))
    await consent(york, learner_id, False)
    await restored.publish()
    await restored.reconcile(choice)
    assert await consents(restored, learner_id) == {False}
    assert (await york.get(f"/v1/learners/{learner_id}")).json()["consents_to_matching"] is False
    assert await restored.differences() == []


@BOTH
async def test_a_learner_erased_in_the_log_is_erased_in_the_store_whatever_is_chosen(
    york: Caller, restored: RestoredService, choice: Choice
) -> None:
    learner_id = await register(york, reach_km=20, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    await erase(york, learner_id)
    await taken_back(restored, dump)
    assert await restored.differences() == [(learner_id, Divergence.ENDED.value)]
    await restored.reconcile(choice, SubjectSelection(kinds=frozenset({"cohort"})))
    assert (await york.get(f"/v1/learners/{learner_id}")).status_code == 404
    async with restored.context.store.reading() as session:
        assert (await session.exec(select(PersonRow))).all() == []
        assert (await session.get(ErasedLearnerRow, learner_id)) is not None
    assert await ends_of(restored, learner_id) == {LANCASTER: ("LearnerErased", 2), YORK_REGION: ("LearnerErased", 2)}
    assert await restored.differences() == []


@BOTH
async def test_a_learner_changed_by_a_restored_store_after_the_erasure_is_erased_above_it(
    york: Caller, restored: RestoredService, choice: Choice
) -> None:
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    await erase(york, learner_id)
    await taken_back(restored, dump)
    for reach_km in (10, 20):
        await revise(york, learner_id, reach_km=reach_km)
    await restored.publish()
    assert (await ends_of(restored, learner_id))[YORK_REGION] == ("LearnerRevised", 3)
    await restored.reconcile(choice)
    assert await ends_of(restored, learner_id) == {LANCASTER: ("LearnerErased", 4), YORK_REGION: ("LearnerErased", 4)}
    assert (await york.get(f"/v1/learners/{learner_id}")).status_code == 404
    assert await restored.differences() == []


@BOTH
async def test_a_learner_erased_since_the_store_was_restored_is_erased_above_the_log(
    york: Caller, restored: RestoredService, choice: Choice
) -> None:
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    for reach_km in (10, 20):
        await revise(york, learner_id, reach_km=reach_km)
    await taken_back(restored, dump)
    await erase(york, learner_id)
    await restored.reconcile(choice)
    assert await ends_of(restored, learner_id) == {LANCASTER: ("LearnerErased", 4), YORK_REGION: ("LearnerErased", 4)}
    assert await restored.differences() == []


@BOTH
async def test_changes_go_on_above_the_log_in_every_region(york: Caller, restored: RestoredService, choice: Choice) -> None:
    learner_id = await register(york, reach_km=20, **CONSENTS)
    kept = await record(york, learner_id)
    await restored.publish()
    dump = await restored.dump()
    await revise(york, learner_id, reach_km=5, remote_ok=True)
    await record(york, learner_id, credential="nims:cnc-turning-operator")
    accepted(await york.post(f"/v1/learners/{learner_id}/awards/{kept}/suspension", None, If_Match='"4"'))
    before = (await york.get(f"/v1/learners/{learner_id}")).json()
    await taken_back(restored, dump)
    assert await restored.differences() == [(learner_id, Divergence.LOG_NEWER.value)]
    await restored.reconcile(choice)
    after = (await york.get(f"/v1/learners/{learner_id}")).json()
    if choice is Choice.TAKE_LOG:
        assert after == before
        assert (await ends_of(restored, learner_id))[LANCASTER] == ("LearnerWithdrawn", 3)
    else:
        assert (after["version"], after["regions"], len(after["awards"])) == (6, [LANCASTER, YORK_REGION], 1)
        assert (await ends_of(restored, learner_id))[REMOTE] == ("LearnerWithdrawn", 6)
    assert await restored.differences() == []
    await consent(york, learner_id, False)
    await restored.publish()
    assert await consents(restored, learner_id) == {False}
    assert (await ends_of(restored, learner_id))[YORK_REGION] == ("ConsentWithdrawn", after["version"] + 1)


async def test_a_learner_only_in_the_log_comes_back_without_a_name_and_can_be_withdrawn(
    caller: MakeCaller, operator: Caller, restored: RestoredService
) -> None:
    scopes = ["learners:read", "learners:write"]
    dump = await restored.dump()
    new = await caller("prv_new", scopes)
    learner_id = await register(new, remote_ok=True, **CONSENTS)
    award_id = await record(new, learner_id)
    await taken_back(restored, dump)
    assert await restored.differences() == [(learner_id, Divergence.ONLY_IN_LOG.value)]
    assert (await restored.reconcile(Choice.TAKE_LOG)).published == 0
    assert (await operator.get("/v1/providers/prv_new")).json()["name"] == "Name lost (prv_new)"
    new = await caller("prv_new", scopes)
    shown = (await new.get(f"/v1/learners/{learner_id}")).json()
    assert shown["person"] == {
        "name": "Name lost: enter it again",
        "email": None,
        "phone": None,
        "student_number": None,
    }
    assert [each["award_id"] for each in shown["awards"]] == [award_id]
    await revise(new, learner_id, person={"name": "Ada Byron"})
    await consent(new, learner_id, False)
    await restored.publish()
    assert await consents(restored, learner_id) == {False}
    assert set((await ends_of(restored, learner_id)).values()) == {("ConsentWithdrawn", 4)}


async def test_a_learner_only_in_the_log_is_withdrawn_everywhere_above_it(york: Caller, restored: RestoredService) -> None:
    dump = await restored.dump()
    learner_id = await register(york, remote_ok=True, **CONSENTS)
    await taken_back(restored, dump)
    await restored.reconcile(Choice.ABOVE)
    assert await ends_of(restored, learner_id) == {YORK_REGION: ("LearnerWithdrawn", 2), REMOTE: ("LearnerWithdrawn", 2)}
    async with restored.context.store.reading() as session:
        assert (await session.get(LearnerRow, learner_id)) is None
    assert await restored.differences() == []


@BOTH
async def test_a_change_published_to_some_regions_is_published_to_all(
    york: Caller, restored: RestoredService, choice: Choice
) -> None:
    learner_id = await register(york, remote_ok=True, **CONSENTS)
    await restored.publish()
    dump = await restored.dump()
    await revise(york, learner_id, reach_km=6)
    events = {event.partitionkey: event for event in (await restored.ends(LEARNER)).values()}
    here = events[YORK_REGION]
    await restored.restore(dump)
    newer = Event(**{name: getattr(here, name) for name in here.__struct_fields__} | {"sequence": encode_sequence(2)})
    await restored.put(LEARNER, f"{YORK_REGION}/{learner_id}", encode(newer))
    await restored.reconcile(choice)
    assert set((await ends_of(restored, learner_id)).values()) == {("LearnerRevised", 3)}
    assert await restored.differences() == []
