"""Conditions: problems of a service that last until somebody resolves them, kept in its database so that every process sees
them.

A condition is declared by whatever notices it (the auditor, a start, a command). It shows in readiness together with its
remedy, may stop all changes through the API, and is lifted by whatever finds that it has passed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.store.tables import ConditionRow
from makersync.store.upserts import upsert

CONDITION = cast(Table, ConditionRow.__table__)  # type: ignore[attr-defined]
#: Declared while an operator's command holds the relay's lease; the next process that acquires the lease lifts it.
RECONCILING = "reconciling"


@dataclass(frozen=True, slots=True)
class Condition:
    """`name` is a fixed identifier such as `behind_log`; `problem` says what is wrong, and `remedy` which command resolves
    it."""

    name: str
    problem: str
    remedy: str
    stops_writes: bool

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


async def declare(session: AsyncSession, clock: Clock, condition: Condition) -> bool:
    """Returns whether the condition is new. A condition that was declared before keeps the time at which it began."""
    known = await session.get(ConditionRow, condition.name)
    row = {
        "name": condition.name,
        "problem": condition.problem,
        "remedy": condition.remedy,
        "stops_writes": condition.stops_writes,
        "since": clock.now() if known is None else known.since,
    }
    await upsert(session, ConditionRow, [row], ["name"])
    return known is None


async def lift(session: AsyncSession, name: str, said_before: datetime | None = None) -> bool:
    """Returns whether the condition had been declared; with `said_before`, only if it was declared before that time."""
    here = delete(CONDITION).where(CONDITION.c.name == name)
    if said_before is not None:
        here = here.where(CONDITION.c.since < said_before)
    return bool((await session.exec(here)).rowcount)


async def conditions(session: AsyncSession) -> list[Condition]:
    """The conditions that hold now, ordered by name."""
    rows = (await session.exec(select(ConditionRow).order_by(col(ConditionRow.name)))).all()
    return [Condition(row.name, row.problem, row.remedy, row.stops_writes) for row in rows]


async def demand_writes(session: AsyncSession) -> None:
    """For commands that change published state. Raises OperatorError while a condition stops changes through the API."""
    stopping = [each for each in await conditions(session) if each.stops_writes]
    if stopping:
        raise OperatorError(f"Nothing was changed: {'; '.join(map(str, stopping))}.")


async def stops_writes(session: AsyncSession) -> bool:
    """Whether any condition stops changes through the API."""
    query = select(ConditionRow.name).where(col(ConditionRow.stops_writes)).limit(1)
    return (await session.exec(query)).first() is not None
