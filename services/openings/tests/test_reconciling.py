"""A restored or lost store is reconciled with its topic, and every reader accepts what is written afterwards."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from contracts.topics import OPENING
from makersync.broker.port import Outgoing, TopicPartition
from makersync.effects.agreement import noted, settle
from makersync.effects.conditions import stops_writes
from makersync.effects.divergence import Divergence
from makersync.effects.own_topics import OwnRecord
from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow
from makersync.topic import partition_of
from openings.bootstrap import definition
from tests.servers.restoring import RestoredService, unreadable_event

from .conftest import Caller, MakeCaller
from .samples import group, wanted

BOTH = pytest.mark.parametrize("choice", list(Choice))


@pytest.fixture
async def restored(context: Context) -> AsyncIterator[RestoredService]:
    yield await RestoredService(context, definition()).open()


async def published(caller: Caller, **changed: object) -> str:
    answer = await caller.post("/v1/openings", wanted(**changed))
    assert answer.is_success, answer.text
    return str(answer.json()["opening_id"])


async def revised(caller: Caller, opening_id: str, **changed: object) -> None:
    version = (await caller.get(f"/v1/openings/{opening_id}")).json()["version"]
    answer = await caller.change("PATCH", f"/v1/openings/{opening_id}", version, changed)
    assert answer.is_success, answer.text


async def end_of(restored: RestoredService, opening_id: str) -> tuple[str, int, dict[str, object]]:
    [event] = [event for event in (await restored.ends(OPENING)).values() if event.subject == opening_id]
    return event.type.partition(".")[2], event.version, event.data


async def test_a_service_that_was_not_restored_agrees_with_its_log(
    catalog: None, acme: Caller, restored: RestoredService
) -> None:
    await published(acme)
    assert await restored.differences() == []
    await restored.publish()
    await revised(acme, await published(acme), positions=5)
    assert await restored.differences() == []


@BOTH
async def test_after_a_restored_store_is_reconciled_changes_go_on_above_the_log(
    catalog: None, acme: Caller, restored: RestoredService, choice: Choice
) -> None:
    opening_id = await published(acme)
    await restored.publish()
    dump = await restored.dump()
    for positions in (4, 5, 6):
        await revised(acme, opening_id, positions=positions)
    await restored.publish()
    await restored.restore(dump)
    assert await restored.differences() == [(opening_id, Divergence.LOG_NEWER.value)]
    report = await restored.reconcile(choice)
    assert (report.left, report.published) == ([], 0 if choice is Choice.TAKE_LOG else 1)
    shown = (await acme.get(f"/v1/openings/{opening_id}")).json()
    assert (shown["positions"], shown["version"]) == ((6, 4) if choice is Choice.TAKE_LOG else (3, 5))
    assert await restored.differences() == []
    await revised(acme, opening_id, positions=9)
    await restored.publish()
    kind, version, data = await end_of(restored, opening_id)
    assert (kind, version, data["positions"]) == ("OpeningRevised", shown["version"] + 1, 9)


async def test_an_opening_that_only_the_log_knows_comes_back_with_its_employer_and_can_be_closed(
    catalog: None, caller: MakeCaller, operator: Caller, restored: RestoredService
) -> None:
    empty = await restored.dump()
    bolt = await caller("emp_new", ["openings:read", "openings:write"])
    opening_id = await published(bolt, groups=[group("a"), group("b", verified_only=True)])
    before = (await bolt.get(f"/v1/openings/{opening_id}")).json()
    await restored.publish()
    await restored.restore(empty)
    assert await restored.differences() == [(opening_id, Divergence.ONLY_IN_LOG.value)]
    await restored.reconcile(Choice.TAKE_LOG)
    employer = (await operator.get("/v1/employers/emp_new")).json()
    assert employer["name"] == "Name lost (emp_new)"
    bolt = await caller("emp_new", ["openings:read", "openings:write"])
    assert (await bolt.get(f"/v1/openings/{opening_id}")).json() == before
    assert (await bolt.change("POST", f"/v1/openings/{opening_id}/closing", 1)).is_success
    await restored.publish()
    assert (await end_of(restored, opening_id))[:2] == ("OpeningClosed", 2)


async def test_an_opening_that_only_the_log_knows_is_closed_above_it(
    catalog: None, acme: Caller, restored: RestoredService
) -> None:
    empty = await restored.dump()
    opening_id = await published(acme)
    await restored.publish()
    await restored.restore(empty)
    await restored.reconcile(Choice.ABOVE)
    kind, version, data = await end_of(restored, opening_id)
    assert (kind, version, data["status"]) == ("OpeningClosed", 2, "closed")
    assert await restored.differences() == []


@BOTH
async def test_two_events_of_one_version_are_followed_by_one_above_both(
    catalog: None, acme: Caller, restored: RestoredService, choice: Choice
) -> None:
    opening_id = await published(acme)
    await restored.publish()
    dump = await restored.dump()
    await revised(acme, opening_id, positions=5)
    await restored.publish()
    await restored.restore(dump)
    await revised(acme, opening_id, positions=7)
    await restored.publish()
    assert await restored.differences() == [(opening_id, Divergence.OTHER_EVENT.value)]
    await restored.reconcile(choice)
    _, version, data = await end_of(restored, opening_id)
    assert (version, data["positions"]) == (3, 5 if choice is Choice.TAKE_LOG else 7)
    assert await restored.differences() == []


@BOTH
@pytest.mark.parametrize("foreign", [2**53, 0])
async def test_an_unreadable_event_above_the_store_is_overtaken(
    catalog: None, acme: Caller, restored: RestoredService, choice: Choice, foreign: int
) -> None:
    opening_id = await published(acme)
    await restored.publish()
    [(key, event)] = (await restored.ends(OPENING)).items()
    await restored.put(OPENING, key, unreadable_event(OPENING, key, foreign) if foreign else None)
    assert await restored.differences() == ([(opening_id, Divergence.FOREIGN.value)] if foreign else [])
    await restored.reconcile(choice)
    _, version, data = await end_of(restored, opening_id)
    assert (version, data) == (foreign + 1, event.data)
    assert await restored.differences() == []
    await revised(acme, opening_id, positions=9)
    await restored.publish()
    assert (await end_of(restored, opening_id))[1] == foreign + 2


@BOTH
@pytest.mark.parametrize("shows", [True, False], ids=["in the log", "compacted"])
async def test_an_unreadable_event_of_an_unknown_opening_is_settled_by_reconciling(
    restored: RestoredService, context: Context, choice: Choice, shows: bool
) -> None:
    """Guards: otherwise no command would let the service accept changes again."""
    key = "10180/opn_strange"
    await restored.put(OPENING, key, unreadable_event(OPENING, key, 7))
    [condition] = await restored.start()
    assert condition.stops_writes
    if not shows:
        restored.broker.drop_before(TopicPartition(OPENING.name, partition_of("10180", context.settings.partitions)), 1)
    assert await restored.differences() == [("opn_strange", Divergence.UNREADABLE.value)]
    report = await restored.reconcile(choice)
    assert (report.left, report.published) == ([], 0)
    assert await restored.differences() == []
    assert await restored.start() == []


async def test_a_lost_store_gets_every_opening_back(catalog: None, acme: Caller, restored: RestoredService) -> None:
    ids = [await published(acme) for _ in range(3)]
    await acme.change("POST", f"/v1/openings/{ids[0]}/closing", 1)
    await revised(acme, ids[1], positions=8)
    await restored.publish()
    before = [(await acme.get(f"/v1/openings/{each}")).json() for each in ids]
    keys = {name: rows for name, rows in (await restored.dump()).items() if name == "api_key"}
    await restored.restore(keys)
    report = await restored.reconcile(Choice.TAKE_LOG)
    assert (report.published, report.left) == (0, [])
    after = [(await acme.get(f"/v1/openings/{each}")).json() for each in ids]
    moments = {"published_at", "changed_at", "groups_version"}
    assert [{k: v for k, v in each.items() if k not in moments} for each in after] == [
        {k: v for k, v in each.items() if k not in moments} for each in before
    ]


async def test_every_subject_and_every_run_is_in_the_audit(catalog: None, acme: Caller, restored: RestoredService) -> None:
    empty = await restored.dump()
    opening_id = await published(acme)
    await restored.publish()
    await restored.restore(empty)
    await restored.reconcile(Choice.ABOVE)
    async with restored.context.store.reading() as session:
        rows = (await session.exec(select(AuditRow).where(AuditRow.actor == "test").order_by("id"))).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("reconciled", f"opening {opening_id}"),
        ("reconcile", "store and log"),
    ]
    assert rows[0].detail["published"] == ["OpeningClosed 2 49620"]
    assert rows[1].detail["reconciled"] == {"opening: only in the log": 1}


async def test_a_noted_lead_of_the_log_counts_after_the_log_has_lost_it_and_the_condition_is_lifted(
    catalog: None, acme: Caller, restored: RestoredService, context: Context
) -> None:
    opening_id = await published(acme)
    await restored.publish()
    [key] = await restored.ends(OPENING)
    async with context.store.transaction() as session:
        assert await settle(session, context.clock, restored.own, [OwnRecord(OPENING.name, 0, 7, key, 50, "lost")]) == 1
        assert await stops_writes(session)
    assert await restored.differences() == [(opening_id, Divergence.FOREIGN.value)]
    await restored.reconcile(Choice.ABOVE)
    assert (await end_of(restored, opening_id))[1] == 51
    async with context.store.reading() as session:
        assert not await stops_writes(session)
        assert await noted(session) == []


async def test_a_record_in_the_wrong_partition_says_nothing_about_its_key(
    catalog: None, acme: Caller, restored: RestoredService, context: Context
) -> None:
    await published(acme)
    await restored.publish()
    [key] = await restored.ends(OPENING)
    elsewhere = (partition_of(key.partition("/")[0], context.settings.partitions) + 1) % context.settings.partitions
    producer = await restored.broker.producer()
    strange = Outgoing(OPENING.name, elsewhere, key.encode(), unreadable_event(OPENING, key, 2**53))
    await producer.publish([strange], 1.0)
    assert await restored.differences() == []
