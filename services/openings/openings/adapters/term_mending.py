"""The words that openings and definitions are found by, compared with their texts, and written again where they differ."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.runtime.mending import Look, Mended
from makersync.store.database import Store
from openings.adapters.catalog_tables import CompetencyCopyRow, CredentialCopyRow
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.search_terms import COMPETENCIES, CREDENTIALS, SearchTermRow, terms_of, write_terms

PAGE = 250
#: Scopes and texts by id.
Texts = Mapping[str, tuple[str, str]]
#: What is found by the scope of its terms, its id and its text.
FOUND: Mapping[str, tuple[Any, Any, Any]] = {
    "opening": (OpeningRow.employer_id, OpeningRow.opening_id, OpeningRow.title),
    "credential": (literal(CREDENTIALS), CredentialCopyRow.id, CredentialCopyRow.search_text),
    "competency": (literal(COMPETENCIES), CompetencyCopyRow.id, CompetencyCopyRow.search_text),
}


def mending_search_terms(store: Store, subject: str) -> Look:
    """`subject` is one of FOUND."""
    _, key, _ = FOUND[subject]

    async def look(after: str) -> Mended:
        async with store.snapshot() as session:
            page = await _texts(session, _texts_of(subject).where(key > after).order_by(key).limit(PAGE))
            wrong = await _wrong(session, page)
        return Mended([*page][-1] if len(page) == PAGE else None, await _mend(store, subject, wrong) if wrong else 0)

    return look


async def _mend(store: Store, subject: str, wrong: list[str]) -> int:
    """Whoever changes a text waits for its row, so that what is read here is what holds."""
    _, key, _ = FOUND[subject]
    async with store.transaction() as session:
        texts = await _texts(session, _texts_of(subject).where(key.in_(wrong)).order_by(key).with_for_update())
        still = await _wrong(session, texts)
        for each in still:
            scope, text = texts[each]
            await write_terms(session, scope, each, text)
        return len(still)


def _texts_of(subject: str) -> Any:
    scope, key, text = FOUND[subject]
    return select(key, scope, text)


async def _texts(session: AsyncSession, statement: Any) -> Texts:
    return {key: (scope, text) for key, scope, text in (await session.exec(statement)).all()}


async def _wrong(session: AsyncSession, texts: Texts) -> list[str]:
    kept = defaultdict[tuple[str, str], set[str]](set)
    whose = tuple_(col(SearchTermRow.scope), col(SearchTermRow.id))
    wanted = [(scope, key) for key, (scope, _) in texts.items()]
    terms = select(SearchTermRow.scope, SearchTermRow.id, SearchTermRow.term).where(whose.in_(wanted))
    for scope, key, term in (await session.exec(terms)).all() if wanted else ():
        kept[scope, key].add(term)
    return [key for key, (scope, text) in texts.items() if kept[scope, key] != set(terms_of(text))]
