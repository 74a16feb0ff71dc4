"""This service's copy of the openings' public parts in SQL. An opening is written only over an older one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.opening_tables import OpeningCopyRow
from learners.domain.opening import PublicOpening
from makersync.store.upserts import upsert

#: Databases limit the number of values in one statement.
AT_ONCE = 400


async def keep_openings(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """`rows` has each opening at most once."""
    await upsert(session, OpeningCopyRow, rows, ["opening_id"], newer_by="version")


async def openings_of(session: AsyncSession, opening_ids: Iterable[str]) -> Mapping[str, PublicOpening]:
    """Those of the openings that this service knows, by id."""
    return {row.opening_id: _opening_of(row) for row in await _rows(session, frozenset(opening_ids))}


async def opening_owners(session: AsyncSession, opening_ids: Collection[str]) -> Mapping[str, tuple[int, str]]:
    """The version and the employer of each opening that this service knows."""
    return {row.opening_id: (row.version, row.employer_id) for row in await _rows(session, frozenset(opening_ids))}


async def _rows(session: AsyncSession, opening_ids: frozenset[str]) -> list[OpeningCopyRow]:
    wanted = sorted(opening_ids)
    found: list[OpeningCopyRow] = []
    for start in range(0, len(wanted), AT_ONCE):
        here = col(OpeningCopyRow.opening_id).in_(wanted[start : start + AT_ONCE])
        found += (await session.exec(select(OpeningCopyRow).where(here))).all()
    return found


def _opening_of(row: OpeningCopyRow) -> PublicOpening:
    return PublicOpening(
        opening_id=row.opening_id,
        region=row.region,
        employer_id=row.employer_id,
        employer_name=row.employer_name,
        title=row.title,
        occupation=row.occupation,
        zip=row.zip,
        remote=row.remote,
        remaining=row.positions - row.filled,
        start_by=row.start_by,
        closes_on=row.closes_on,
        shifts=tuple(row.shifts),
        wage_min=row.wage_min,
        wage_max=row.wage_max,
        status=row.status,
        version=row.version,
    )
