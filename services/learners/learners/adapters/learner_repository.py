"""Learners in SQL. A provider's learners are kept from other providers here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from learners.adapters.award_repository import award_columns, award_of, awards_of
from learners.adapters.award_tables import AwardRow
from learners.adapters.catalog_tables import CredentialRow
from learners.adapters.learner_tables import ErasedLearnerRow, LearnerRow, PersonRow, PersonTermRow
from learners.adapters.statements import change_one_row, equal
from learners.domain.catalog import issuer_key
from learners.domain.errors import Absent, MergedLearner
from learners.domain.learner import Availability, Learner, Reach
from learners.domain.learner_person import Person, search_terms, sought_terms, unique_terms
from makersync.http.idempotency import forget_answers
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.prefixes import begins_with
from makersync.store.upserts import upsert

LEARNER = LearnerRow.sql_table()
PERSON = PersonRow.sql_table()
TERM = PersonTermRow.sql_table()
_MOST_ALIKE = 10
AWARD = AwardRow.sql_table()


@dataclass(frozen=True, slots=True)
class LearnerWithPerson:
    """A learner as the learner's own provider sees it."""

    learner: Learner
    person: Person


@dataclass(frozen=True, slots=True)
class LearnerFilter:
    seeking: bool | None = None
    region: str | None = None
    credential: str | None = None
    words: str = ""


class LearnerRepository:
    """`provider_id` None: operators and the service itself, which see all.

    Claims keep out others who change the learner, but not the consumer of the market's results, which waits for erasures alone.
    """

    def __init__(self, session: AsyncSession, provider_id: str | None) -> None:
        self._session = session
        self._provider_id = provider_id

    async def get(self, learner_id: str) -> Learner:
        return await self._found(learner_id, await self._session.get(LearnerRow, learner_id))

    async def claim(self, learner_id: str) -> Learner:
        row = await self._session.get(LearnerRow, learner_id, with_for_update={"key_share": True}, populate_existing=True)
        return await self._found(learner_id, row)

    async def is_erased(self, learner_id: str) -> bool:
        return await self._session.get(ErasedLearnerRow, learner_id) is not None

    async def page_after(self, learner_id: str, most: int) -> list[Learner]:
        later = select(LearnerRow).where(col(LearnerRow.learner_id) > learner_id)
        if self._provider_id is not None:
            later = later.where(col(LearnerRow.provider_id) == self._provider_id)
        rows = await self._session.exec(later.order_by(col(LearnerRow.learner_id)).limit(most))
        return [learner_of(row, ()) for row in rows]

    async def person(self, learner_id: str) -> Person:
        row = await self._session.get(PersonRow, learner_id)
        if row is None:
            raise Absent
        return person_of(row)

    async def add(self, learner: Learner, person: Person) -> None:
        await self._session.exec(insert(LEARNER).values(**learner_columns(learner)))
        await self.save_person(learner, person)

    async def save(self, before: Learner, after: Learner) -> None:
        here = (LEARNER.c.learner_id == before.learner_id) & (LEARNER.c.version == before.version)
        await change_one_row(self._session, update(LEARNER).where(here).values(**learner_columns(after)))
        changed = [award for award in after.awards if award not in before.awards]
        await upsert(self._session, AwardRow, [award_columns(after.learner_id, one) for one in changed], ["award_id"])
        gone = {award.award_id for award in before.awards} - {award.award_id for award in after.awards}
        if gone:
            await self._session.exec(delete(AWARD).where(AWARD.c.award_id.in_(gone)))

    async def save_person(self, learner: Learner, person: Person) -> None:
        await upsert(self._session, PersonRow, [person_columns(learner.learner_id, person)], ["learner_id"])
        await write_person_terms(self._session, learner.learner_id, learner.provider_id, person)

    async def erase(self, learner: Learner, version: int, at: datetime, successor: str | None = None) -> None:
        mine = learner.learner_id
        await self._session.exec(delete(TERM).where(TERM.c.learner_id == mine))
        await self._session.exec(delete(PERSON).where(PERSON.c.learner_id == mine))
        await self._session.exec(delete(AWARD).where(AWARD.c.learner_id == mine))
        here = (LEARNER.c.learner_id == mine) & (LEARNER.c.version == learner.version)
        await change_one_row(self._session, delete(LEARNER).where(here))
        kept = ErasedLearnerRow(learner_id=mine, version=version, regions=list(learner.regions), erased_at=at)
        kept.merged_into = successor
        self._session.add(kept)
        await forget_answers(self._session, f"/v1/learners/{mine}")
        await self._session.flush()

    async def claim_with_award_of(self, provider_id: str, issuer: str, after: str, most: int) -> Sequence[Learner]:
        of_issuer = (
            select(AwardRow.learner_id)
            .join(CredentialRow, col(CredentialRow.id) == col(AwardRow.credential))
            .where(col(CredentialRow.issuer_key) == issuer_key(issuer))
        )
        here = (col(LearnerRow.provider_id) == provider_id) & (col(LearnerRow.learner_id) > after)
        return await self._claimed(select(LearnerRow).where(here, col(LearnerRow.learner_id).in_(of_issuer)).limit(most))

    async def claim_of_cohort(self, cohort_id: str) -> Sequence[Learner]:
        enrolled = select(AwardRow.learner_id).where(col(AwardRow.cohort_id) == cohort_id)
        statement = select(LearnerRow).where(col(LearnerRow.learner_id).in_(enrolled))
        mine = statement if self._provider_id is None else statement.where(col(LearnerRow.provider_id) == self._provider_id)
        return await self._claimed(mine)

    async def _claimed(self, statement: SelectOfScalar[LearnerRow]) -> Sequence[Learner]:
        """Ordered by id: to avoid deadlocks, several learners are always claimed in the same order."""
        ordered = statement.order_by(col(LearnerRow.learner_id)).with_for_update(key_share=True)
        rows = (await self._session.exec(ordered, execution_options={"populate_existing": True})).all()
        awards = await awards_of(self._session, [row.learner_id for row in rows])
        return [learner_of(row, awards.get(row.learner_id, ())) for row in rows]

    async def _found(self, learner_id: str, row: LearnerRow | None) -> Learner:
        if row is None and (successor := await self._successor(learner_id)) is not None:
            raise MergedLearner(learner_id, successor)
        if row is None or self._provider_id not in (None, row.provider_id):
            raise Absent
        return learner_of(row, (await awards_of(self._session, [row.learner_id])).get(row.learner_id, ()))

    async def _successor(self, learner_id: str) -> str | None:
        """Who has taken in the learner, perhaps by way of others; None when the caller may know of nobody."""
        erased = await self._session.get(ErasedLearnerRow, learner_id)
        while erased is not None and erased.merged_into is not None:
            row = await self._session.get(LearnerRow, erased.merged_into)
            if row is not None:
                return row.learner_id if self._provider_id in (None, row.provider_id) else None
            erased = await self._session.get(ErasedLearnerRow, erased.merged_into)
        return None


def learner_of(row: LearnerRow, awards: Iterable[AwardRow]) -> Learner:
    return Learner(
        learner_id=row.learner_id,
        provider_id=row.provider_id,
        reach=Reach(row.zip, row.reach_km, row.remote_ok),
        availability=Availability(row.seeking, row.seeking_since, row.available_from, tuple(row.shifts), row.wage_floor),
        consents=row.consents_to_matching,
        awards=tuple(award_of(award) for award in awards),
        home=row.region,
        regions=tuple(row.regions),
        version=row.version,
    )


async def write_person_terms(session: AsyncSession, learner_id: str, provider_id: str, person: Person) -> None:
    """From now on the person is found by these terms, and by no others."""
    await session.exec(delete(TERM).where(TERM.c.learner_id == learner_id))
    whose = {"provider_id": provider_id, "learner_id": learner_id}
    await session.exec(insert(TERM).values([{"term": term} | whose for term in sorted(search_terms(person))]))


def person_of(row: PersonRow) -> Person:
    return Person(row.name, row.email, row.phone, row.student_number)


def person_columns(learner_id: str, person: Person) -> dict[str, Any]:
    return {
        "learner_id": learner_id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "student_number": person.student_number,
    }


def learner_columns(learner: Learner) -> dict[str, Any]:
    return {
        "learner_id": learner.learner_id,
        "provider_id": learner.provider_id,
        "zip": learner.reach.zip,
        "region": learner.home,
        "reach_km": learner.reach.reach_km,
        "remote_ok": learner.reach.remote_ok,
        "seeking": learner.availability.seeking,
        "seeking_since": learner.availability.seeking_since,
        "consents_to_matching": learner.consents,
        "available_from": learner.availability.available_from,
        "shifts": list(learner.availability.shifts),
        "wage_floor": learner.availability.wage_floor,
        "regions": list(learner.regions),
        "version": learner.version,
    }


async def list_learners(
    session: AsyncSession, provider_id: str, wanted: LearnerFilter, page: PageRequest
) -> Page[LearnerWithPerson]:
    statement = _narrowed(select(LearnerRow).where(col(LearnerRow.provider_id) == provider_id), wanted)
    for term in sought_terms(wanted.words):
        statement = statement.where(col(LearnerRow.learner_id).in_(_found_by(provider_id, term)))
    rows = await page_of(session, statement, Order((col(LearnerRow.learner_id),)), page, lambda row: row)
    return Page[Any](items=await _with_people(session, rows.items), next_cursor=rows.next_cursor)


async def learners_like(session: AsyncSession, learner: Learner, person: Person) -> Sequence[tuple[str, str]]:
    """Ids and names of other learners of the same provider with the same e-mail address or student number."""
    wanted = unique_terms(person)
    here = (col(PersonTermRow.provider_id) == learner.provider_id, col(PersonTermRow.term).in_(wanted))
    statement = select(PersonRow).join(PersonTermRow, col(PersonTermRow.learner_id) == col(PersonRow.learner_id)).where(*here)
    others = statement.where(col(PersonRow.learner_id) != learner.learner_id).distinct().order_by(col(PersonRow.learner_id))
    rows = (await session.exec(others.limit(_MOST_ALIKE))).all() if wanted else ()
    return [(row.learner_id, row.name) for row in rows if wanted & unique_terms(person_of(row))]


def _found_by(provider_id: str, term: str) -> SelectOfScalar[str]:
    here = (col(PersonTermRow.provider_id) == provider_id, begins_with(col(PersonTermRow.term), term))
    return select(PersonTermRow.learner_id).where(*here)


async def _with_people(session: AsyncSession, rows: Sequence[LearnerRow]) -> list[LearnerWithPerson]:
    ids = [row.learner_id for row in rows]
    awards = await awards_of(session, ids)
    statement = select(PersonRow).where(col(PersonRow.learner_id).in_(ids))
    people = {one.learner_id: one for one in (await session.exec(statement)).all()}
    return [
        LearnerWithPerson(learner_of(row, awards.get(row.learner_id, ())), person_of(people[row.learner_id])) for row in rows
    ]


def _narrowed(statement: SelectOfScalar[LearnerRow], wanted: LearnerFilter) -> SelectOfScalar[LearnerRow]:
    statement = equal(statement, col(LearnerRow.seeking), wanted.seeking)
    statement = equal(statement, col(LearnerRow.region), wanted.region)
    if wanted.credential is None:
        return statement
    holders = select(AwardRow.learner_id).where(col(AwardRow.credential) == wanted.credential)
    return statement.where(col(LearnerRow.learner_id).in_(holders))
