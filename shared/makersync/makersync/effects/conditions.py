"""What is wrong with a service and stays wrong until somebody mends it: kept in its database, so that every process sees it.

A condition is declared by whoever notices it (the auditor, a start, a command), shows in readiness with its remedy, may stop
all changes through the front door, and is lifted by whoever sees that it has passed.
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
#: Holds as long as an operator's command has the relay's lease: whoever takes the lease after it lifts it.
RECONCILING = "reconciling"


@dataclass(frozen=True, slots=True)
class Condition:
    """`name` is its fixed name, such as `behind_log`; `problem` says what is wrong, `remedy` which command mends it."""

    name: str
    problem: str
    remedy: str
    stops_writes: bool

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


async def declare(session: AsyncSession, clock: Clock, condition: Condition) -> bool:
    """Whether it is new; one that was declared before keeps the time at which it began."""
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
    """Whether it had been declared (before then)."""
    here = delete(CONDITION).where(CONDITION.c.name == name)
    if said_before is not None:
        here = here.where(CONDITION.c.since < said_before)
    return bool((await session.exec(here)).rowcount)


async def conditions(session: AsyncSession) -> list[Condition]:
    """Those that hold now, by name."""
    rows = (await session.exec(select(ConditionRow).order_by(col(ConditionRow.name)))).all()
    return [Condition(row.name, row.problem, row.remedy, row.stops_writes) for row in rows]


async def demand_writes(session: AsyncSession) -> None:
    """For commands that change what the service tells. Raises OperatorError where the front door would say no."""
    stopping = [each for each in await conditions(session) if each.stops_writes]
    if stopping:
        raise OperatorError(f"Nothing was changed: {'; '.join(map(str, stopping))}.")


async def stops_writes(session: AsyncSession) -> bool:
    """Whether any condition stops changes through the front door."""
    query = select(ConditionRow.name).where(col(ConditionRow.stops_writes)).limit(1)
    return (await session.exec(query)).first() is not None
