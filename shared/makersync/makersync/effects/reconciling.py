"""Makes a store and its log agree again, subject by subject, as an operator chooses (DESIGN, exactly-once effects, 10).

Afterwards the outbox holds, for every key, the log's last event or one with a higher version, so that the next event is new to
every reader. A subject that has ended for good in the log is always ended in the store first, whatever was chosen.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, cast

from sqlalchemy import Table, delete, func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Record
from makersync.clock import Clock
from makersync.effects.agreement import forget_noted, settle
from makersync.effects.conditions import RECONCILING, Condition, declare, lift
from makersync.effects.divergence import Case, Divergence, NotReconciled
from makersync.effects.lease import Lease, release, renew, seize
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.own_topics import OwnTopics
from makersync.errors import RetryLater
from makersync.store.database import Store
from makersync.store.tables import AuditRow, OutboxRow
from makersync.store.upserts import Row, insert_rows

OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
WAIT = "Wait until it is done. If it was interrupted, it ends as soon as a process of the service publishes again"
#: Subjects per transaction.
CHUNK = 100
LEASE_S = 6.0


class Choice(StrEnum):
    """Which side wins where store and log differ."""

    TAKE_LOG = "take-log"
    ABOVE = "above"


class Reconciler(Protocol):
    """The part that each service supplies, since only it knows its subjects."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of subjects, in the order in which they are reconciled."""
        ...

    @property
    def final_types(self) -> frozenset[str]:
        """Event types that end a subject for good."""
        ...

    def kind_of(self, topic: str, subject: str) -> str: ...

    async def settle(self, session: AsyncSession, case: Case, choice: Choice) -> Sequence[NewEvent]:
        """Set the store's rows to the chosen state, and return the events to publish at `case.next_version`; none if the log
        ends with that state already. Raises NotReconciled."""
        ...


@dataclass(slots=True)
class Report:
    """The result of a run. `left` are the subjects that were not reconciled, with the reason."""

    reconciled: Counter[str] = field(default_factory=Counter)
    published: int = 0
    left: list[tuple[Case, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SubjectSelection:
    """The subjects that an operator chose; None means all."""

    kinds: frozenset[str] | None = None
    subjects: frozenset[str] | None = None

    def includes(self, kind: str, case: Case) -> bool:
        """Subjects that have ended for good are always included."""
        if case.difference is Divergence.ENDED:
            return True
        named = case.subject.rpartition("/")[2]
        return (self.kinds is None or kind in self.kinds) and (
            self.subjects is None or bool({case.subject, named} & self.subjects)
        )


@asynccontextmanager
async def sole_publisher(store: Store, clock: Clock, service: str, actor: str) -> AsyncIterator[Lease]:
    """Take the relay's lease from any holder, and stop all changes through the API meanwhile. A former relay has noticed its
    loss before the caller reads the log."""
    name = f"{service}.relay"
    async with store.transaction() as session:
        lease, held = await seize(session, clock, name, actor, LEASE_S)
        await declare(session, clock, Condition(RECONCILING, f"{actor} reconciles store and log", WAIT, stops_writes=True))
    keeping = asyncio.create_task(_keep(store, clock, lease))
    try:
        if held:
            await asyncio.sleep(LEASE_S / 3 + 1)
        yield lease
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        async with store.transaction() as session:
            if await release(session, clock, lease):
                await lift(session, RECONCILING)


async def _keep(store: Store, clock: Clock, lease: Lease) -> None:
    while True:
        await asyncio.sleep(LEASE_S / 3)
        with suppress(RetryLater):
            async with store.transaction() as session:
                await renew(session, clock, lease, LEASE_S)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One run of the reconciliation. Run it within `sole_publisher`. `afterwards` is what else a service does about a database
    that was restored."""

    store: Store
    clock: Clock
    outbox: Outbox
    reconciler: Reconciler
    own: OwnTopics
    lease: Lease
    actor: str
    afterwards: Callable[[AsyncSession, Clock], Awaitable[None]] | None = None

    async def run(self, cases: Sequence[Case], choice: Choice, selection: SubjectSelection) -> Report:
        """Settle the selected subjects, those that ended for good first. Raises Fenced if another process has taken the
        lease."""
        report = Report()
        chosen = [case for case in cases if selection.includes(self._kind(case), case)]
        ordered = sorted(chosen, key=self._order)
        for start in range(0, len(ordered), CHUNK):
            await self._settle(ordered[start : start + CHUNK], choice, report)
        await self._conclude(choice, report, everything=len(chosen) == len(cases))
        return report

    def _kind(self, case: Case) -> str:
        return self.reconciler.kind_of(case.topic, case.subject)

    def _order(self, case: Case) -> tuple[bool, int, str]:
        return not case.has_ended, list(self.reconciler.kinds).index(self._kind(case)), case.subject

    async def _settle(self, cases: Sequence[Case], choice: Choice, report: Report) -> None:
        async with self.store.transaction() as session:
            await renew(session, self.clock, self.lease, LEASE_S)
            for case in cases:
                try:
                    async with session.begin_nested():
                        events = await self._settle_one(session, case, choice)
                except NotReconciled as error:
                    report.left.append((case, str(error)))
                    continue
                report.published += len(events)
                report.reconciled[f"{self._kind(case)}: {case.difference}"] += 1
                session.add(self._note(case, choice, events))
            await session.flush()

    async def _settle_one(self, session: AsyncSession, case: Case, choice: Choice) -> Sequence[NewEvent]:
        await self._demand_unchanged(session, case)
        events = () if case.says_the_same or case.is_void else await self.reconciler.settle(session, case, choice)
        await session.flush()
        await adopt(session, self.clock, case)
        await self.outbox.record(session, events)
        return events

    async def _demand_unchanged(self, session: AsyncSession, case: Case) -> None:
        """Raises NotReconciled if a running process has changed the subject since the comparison."""
        keys = [each.key for each in case.keys]
        query = select(OUTBOX.c.key, func.max(OUTBOX.c.version)).where(OUTBOX.c.topic == case.topic, OUTBOX.c.key.in_(keys))
        now: dict[str, int] = dict((await session.exec(query.group_by(OUTBOX.c.key))).all())
        if now != {each.key: each.head.version for each in case.keys if each.head is not None}:
            raise NotReconciled("it was changed while store and log were compared: run the command again")

    def _note(self, case: Case, choice: Choice, events: Sequence[NewEvent]) -> AuditRow:
        stored, logged = case.stored, max((each.log.highest_version for each in case.keys), default=0)
        detail = {
            "choice": choice.value,
            "difference": case.difference.value,
            "stored_version": 0 if stored is None else stored.version,
            "log_version": logged,
            "published": [f"{event.kind} {event.version} {event.partition_key}" for event in events],
        }
        subject = f"{self._kind(case)} {case.subject}"
        return self._line("reconciled", subject, detail)

    def _line(self, action: str, subject: str, detail: dict[str, Any]) -> AuditRow:
        return AuditRow(at=self.clock.now(), actor=self.actor, action=action, subject=subject, detail=detail)

    async def _conclude(self, choice: Choice, report: Report, everything: bool) -> None:
        """Settle the condition only if every subject was reconciled; otherwise changes through the API stay stopped."""
        async with self.store.transaction() as session:
            if everything and not report.left:
                await settle(session, self.clock, self.own)
            done = {"choice": choice.value, "reconciled": dict(report.reconciled), "published": report.published}
            session.add(self._line("reconcile", "store and log", done | {"left": len(report.left)}))
            if self.afterwards is not None:
                await self.afterwards(session, self.clock)


async def adopt(session: AsyncSession, clock: Clock, case: Case) -> None:
    """Make the log's last record the outbox's only row of each key; other rows of the key and unpublished rows are deleted.

    Published rows of a key that the log does not know are kept. Void keys are no longer noted as ahead of the store.
    """
    rows = []
    for each in case.keys:
        here = (OUTBOX.c.topic == case.topic) & (OUTBOX.c.key == each.key)
        adoptable = each.log.adoptable if each.is_void or each.logged is not None else None
        await session.exec(delete(OUTBOX).where(here if adoptable is not None else here & OUTBOX.c.published_at.is_(None)))
        if adoptable is not None:
            rows.append(_published(*adoptable, each.key, clock))
        if each.is_void:
            await forget_noted(session, case.topic, each.key)
    await insert_rows(session, OutboxRow, rows)


def _published(record: Record, version: int, key: str, clock: Clock) -> Row:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "key": key,
        "version": version,
        "payload": record.value,
        "published_at": clock.now(),
    }
