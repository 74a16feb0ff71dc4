"""What mails call an employer and its openings."""

from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from openings.adapters.employer_tables import EmployerRow
from openings.adapters.opening_tables import OpeningRow


async def opening_titles(session: AsyncSession, employer_id: str, opening_ids: Collection[str]) -> Mapping[str, str]:
    """The titles of those that are openings of the employer."""
    own = (col(OpeningRow.employer_id) == employer_id, col(OpeningRow.opening_id).in_(opening_ids))
    return dict((await session.exec(select(OpeningRow.opening_id, OpeningRow.title).where(*own))).all())


async def employer_name(session: AsyncSession, employer_id: str) -> str | None:
    row = await session.get(EmployerRow, employer_id)
    return None if row is None else row.name
