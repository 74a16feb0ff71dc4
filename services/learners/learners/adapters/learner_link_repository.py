"""Links of learners, and who has read a contact, in SQL."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.introduction_tables import ContactReadingRow, LearnerLinkRow
from learners.domain.errors import Absent
from learners.domain.introduction import Introduction
from learners.domain.learner_link import LearnerLink
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.activity import Acting, note, note_own
from makersync.store.upserts import upsert

#: Readings within an hour of the first are one record: a program may read as often as it likes, and the record stays short.
READ_TOGETHER = timedelta(hours=1)


class LearnerLinkRepository:
    """Only the service itself works with links."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, link: LearnerLink) -> None:
        """Whoever has a link answers for the learner: that it was made is noted, with who made it."""
        if link.used_at is None:
            note_own(self._session, link.created_at, "learner_link_made", link.introduction_id)
        await upsert(self._session, LearnerLinkRow, [asdict(link)], ["introduction_id"])

    async def with_digest(self, digest: str) -> LearnerLink:
        here = select(LearnerLinkRow).where(col(LearnerLinkRow.digest) == digest)
        row = (await self._session.exec(here, execution_options={"populate_existing": True})).first()
        if row is None:
            raise Absent
        return LearnerLink(row.introduction_id, row.digest, row.created_at, row.expires_at, row.used_at)


class ContactReadingRepository:
    """Writes into the transaction in which the contact is read."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, introduction: Introduction, at: datetime) -> None:
        mine, employer = introduction.introduction_id, introduction.employer_id
        here = (col(ContactReadingRow.introduction_id) == mine, col(ContactReadingRow.employer_id) == employer)
        newest = select(ContactReadingRow).where(*here).order_by(col(ContactReadingRow.id).desc()).limit(1)
        row = (await self._session.exec(newest, execution_options={"populate_existing": True})).first()
        if row is None or at - row.at >= READ_TOGETHER:
            self._session.add(ContactReadingRow(introduction_id=mine, employer_id=employer, at=at, last_at=at))
            note(self._session, at, Acting(introduction.provider_id, f"organisation:{employer}"), "contact_read", mine)
        else:
            row.last_at, row.times = max(row.last_at, at), row.times + 1
        await self._session.flush()


async def list_readings(session: AsyncSession, introduction_id: str, page: PageRequest) -> Page[ContactReadingRow]:
    """In the order in which they happened. The caller must have checked that the introduction may be seen."""
    here = select(ContactReadingRow).where(col(ContactReadingRow.introduction_id) == introduction_id)
    return await page_of(session, here, Order((col(ContactReadingRow.id),)), page, lambda row: row)
