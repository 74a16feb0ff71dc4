"""A whole service process on an in-memory broker: it accepts no change while its log is another's, its rights are withdrawn,
or its store is behind."""

import asyncio
from datetime import timedelta

import pytest

from makersync.broker.port import BrokerRefused, OffsetUnknown
from makersync.clock import ManualClock
from makersync.effects.lease import acquire
from makersync.errors import Fenced, LogReplaced, OperatorError
from makersync.runtime.broker_work import first_failure
from makersync.runtime.log_refusal import LEFT_BEHIND_S, LogRefusal
from makersync.store.database import DatabaseAway
from makersync.store.tables import LogIdentityRow
from makersync.store.upserts import upsert
from shared.makersync.tests.effects.toy_world import write_identity
from shared.makersync.tests.effects.toys import ANN, LEFT_HALF, outgoing
from tests.servers.waiting import wait_for, wait_until

from .toy_process import Service, holds_everything, is_ready, started, writes_are_stopped


@pytest.mark.parametrize("stands_by", [False, True])
async def test_a_log_that_is_replaced_ends_the_process_with_that_reason(service: Service, stands_by: bool) -> None:
    """Guards: even a process that does not publish. It would continue at its old positions in a log that reaches them."""
    if stands_by:
        async with service.context.store.transaction() as session:
            assert await acquire(session, service.context.clock, "toys.relay", "another", service.context.settings.lease_ttl)
    task = asyncio.create_task(service.process.run())
    await wait_for(lambda: holds_everything(service))
    service.broker.replace()
    await write_identity(service.broker, "log-2")
    with pytest.raises(LogReplaced):
        await asyncio.wait_for(task, 20)


async def test_a_refused_log_stops_only_writes_until_the_right_one_is_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: no crash loop. Reads and operators' requests are answered, and the right log is found without a restart."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)
    async with service.context.store.transaction() as session:
        await upsert(session, LogIdentityRow, [{"id": 1, "log_id": "the right one"}], ["id"])
    settings = service.context.settings.model_copy(update={"replaced_log": "refuse"})
    service.process.status.settings = settings
    async with started(service):
        await wait_for(lambda: writes_are_stopped(service))
        parts = await service.ready()
        assert parts["log"].startswith("halted: The broker's log is log-1, not the right one")
        assert (parts["database"], parts["broker"], parts["partitions"]) == ("ok", "ok", "ok")
        assert "MAKERSYNC_REPLACED_LOG=republish" in parts["conditions"]

        service.broker.replace()
        await write_identity(service.broker, "the right one")
        await wait_for(lambda: is_ready(service))
        assert not await writes_are_stopped(service)


async def test_a_refusal_of_the_log_expires_unless_a_process_repeats_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a process with wrong settings that was removed. No other process would allow changes before the next start."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)
    async with started(service):
        await wait_for(lambda: is_ready(service))
        clock = ManualClock(service.context.clock.now())
        another = LogRefusal(service.context.store, clock)
        await another.declare(OperatorError("another number of partitions"))
        await asyncio.sleep(0.3)
        assert await writes_are_stopped(service)
        clock.move_to(clock.now() - timedelta(seconds=LEFT_BEHIND_S + 1))
        await another.declare(OperatorError("another number of partitions"))
        await wait_for(lambda: is_ready(service))


def test_what_fails_for_good_decides_however_many_parts_fail_with_it() -> None:
    """Guards: a lost right ended the process if another part failed while it was cancelled."""
    refused, fenced, away = BrokerRefused("no right"), Fenced("lost"), DatabaseAway("gone")
    assert first_failure(ExceptionGroup("", [fenced, ExceptionGroup("", [away, refused])])) is refused
    replaced = first_failure(ExceptionGroup("", [refused, OffsetUnknown("beyond the end")]))
    assert isinstance(replaced, LogReplaced)
    unknown = ZeroDivisionError()
    assert first_failure(ExceptionGroup("", [refused, replaced, unknown])) is unknown
    assert first_failure(ExceptionGroup("", [fenced])) is fenced


@pytest.mark.parametrize("lacking", ["join", "producer", "partitions"])
async def test_no_process_ends_when_the_broker_withdraws_rights(
    service: Service, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    """Guards: a reader, a writer and the start each need different rights; parts that work in the meantime lift nothing."""
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)

    async def refuse(*_: object) -> None:
        raise BrokerRefused("the broker refused: TopicAuthorizationFailedError")

    with monkeypatch.context() as without_rights:
        without_rights.setattr(service.broker, lacking, refuse)
        task = asyncio.create_task(service.process.run())
        if lacking == "producer":
            await service.halves.set(LEFT_HALF, ANN, 7)
        await wait_for(lambda: writes_are_stopped(service))
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert await writes_are_stopped(service)
            assert "TopicAuthorizationFailedError" in (await service.ready())["conditions"]
    await wait_for(lambda: is_ready(service))
    assert service.context.store._after_commit == [service.process.status.publisher._waker.ring]  # type: ignore[union-attr]
    service.process.stop()
    await task


@pytest.mark.parametrize("roles", [{"http"}, {"http", "consumer", "publisher"}])
async def test_no_change_is_accepted_before_the_store_was_compared_with_the_log(service: Service, roles: set[str]) -> None:
    """Guards: without the log a restored database cannot be distinguished from a current one. After the comparison a process
    continues without the broker."""
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset(roles)})
    service.broker.stop_answering()
    async with started(service):
        wiring = service.client._transport.app.state.wiring  # type: ignore[attr-defined]
        await wait_until(lambda: service.steps > 3)
        assert not wiring.is_compared()
        assert "changes wait until" in (await service.ready())["own_topics"]
        service.broker.start_answering()
        await wait_until(lambda: wiring.is_compared())
        service.broker.stop_answering()
        assert (await service.ready())["own_topics"] == "ok"
        service.broker.start_answering()


@pytest.mark.parametrize("roles", [{"http"}, {"http", "consumer", "publisher"}])
async def test_a_store_that_is_behind_its_own_topics_is_unready_with_the_remedy(service: Service, roles: set[str]) -> None:
    """Guards: a restored database that serves with green readiness. A repair is noticed at the next start."""
    service.process.status.settings = service.context.settings.model_copy(update={"roles": frozenset(roles)})
    service.broker.append([outgoing(LEFT_HALF, ANN, 3)])
    async with started(service):
        await wait_for(lambda: writes_are_stopped(service))
        parts = await service.ready()
        assert "lost" in parts["conditions"]
        assert parts["conditions"].endswith("Run `makersync reconcile toys`")
        await wait_until(lambda: service.steps > 3)
        assert await writes_are_stopped(service)
