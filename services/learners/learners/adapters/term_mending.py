"""The terms that people are found by, compared with their names, addresses and numbers, and written again where they differ."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_repository import person_of, write_person_terms
from learners.adapters.learner_tables import LearnerRow, PersonRow, PersonTermRow
from learners.domain.learner_person import Person, search_terms
from makersync.runtime.mending import Look, Mended
from makersync.store.database import Store

PAGE = 500
#: Of a provider, a person.
Persons = Mapping[str, tuple[str, Person]]


def mending_person_terms(store: Store) -> Look:
    async def look(after: str) -> Mended:
        async with store.snapshot() as session:
            later = select(PersonRow.learner_id).where(col(PersonRow.learner_id) > after)
            page = (await session.exec(later.order_by(col(PersonRow.learner_id)).limit(PAGE))).all()
            wrong = await _wrong(session, await _persons(session, page))
        return Mended(page[-1] if len(page) == PAGE else None, await _mend(store, wrong) if wrong else 0)

    return look


async def _mend(store: Store, learner_ids: Collection[str]) -> int:
    """Whoever changes or erases a learner claims it too, so that what is read here is what holds."""
    async with store.transaction() as session:
        claims = select(LearnerRow.learner_id).where(col(LearnerRow.learner_id).in_(learner_ids))
        claims = claims.order_by(col(LearnerRow.learner_id)).with_for_update(key_share=True)
        persons = await _persons(session, (await session.exec(claims)).all())
        wrong = await _wrong(session, persons)
        for learner_id in wrong:
            await write_person_terms(session, learner_id, *persons[learner_id])
        return len(wrong)


async def _persons(session: AsyncSession, learner_ids: Collection[str]) -> Persons:
    both = select(LearnerRow.provider_id, PersonRow).join(PersonRow, col(PersonRow.learner_id) == col(LearnerRow.learner_id))
    rows = (await session.exec(both.where(col(PersonRow.learner_id).in_(learner_ids)))).all()
    return {person.learner_id: (provider_id, person_of(person)) for provider_id, person in rows}


async def _wrong(session: AsyncSession, persons: Persons) -> list[str]:
    kept = defaultdict[str, set[tuple[str, str]]](set)
    terms = select(PersonTermRow).where(col(PersonTermRow.learner_id).in_(list(persons)))
    for row in (await session.exec(terms)).all():
        kept[row.learner_id].add((row.provider_id, row.term))
    return [
        learner_id
        for learner_id, (provider_id, person) in sorted(persons.items())
        if kept[learner_id] != {(provider_id, term) for term in search_terms(person)}
    ]
