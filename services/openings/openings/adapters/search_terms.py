"""The words that things are found by, so that a search while somebody types reads no whole table."""

import unicodedata
from collections.abc import Iterator

from sqlalchemy import Index, String, insert
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlmodel import Column, Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.store.prefixes import begins_with
from makersync.text import name_key
from openings.adapters.model import OpeningsModel

#: Where definitions of the catalog are found; openings are found in the scope of their employer's id.
CREDENTIALS, COMPETENCIES = "credential", "competency"
#: More words than anybody types, and than a name needs to be found by.
_MOST_WORDS = 40


class SearchTermRow(OpeningsModel, table=True):
    """A word of something's texts. Terms are compared as bytes on both databases, so that all with one beginning are
    together."""

    __tablename__ = "search_term"
    __table_args__ = (Index("search_term_of", "scope", "id"),)

    scope: str = Field(primary_key=True)
    term: str = Field(sa_column=Column(String().with_variant(VARCHAR(collation="C"), "postgresql"), primary_key=True))
    id: str = Field(primary_key=True)


async def write_terms(session: AsyncSession, scope: str, identifier: str, *texts: str) -> None:
    """From now on it is found by the words of these texts, and by no others."""
    await session.exec(delete(SearchTermRow).where(col(SearchTermRow.scope) == scope, col(SearchTermRow.id) == identifier))
    rows = [{"scope": scope, "term": term, "id": identifier} for term in terms_of(*texts)]
    if rows:
        await session.exec(insert(SearchTermRow).values(rows))


def found_by(scope: str, words: str) -> list[SelectOfScalar[str]]:
    """For each of the words, whatever has a word that begins so: what is found is in all of them."""
    found = []
    for term in terms_of(words):
        here = (col(SearchTermRow.scope) == scope, begins_with(col(SearchTermRow.term), term))
        found.append(select(SearchTermRow.id).where(*here))
    return found


def terms_of(*texts: str) -> list[str]:
    """The words, each once, without case, accents and punctuation."""
    return list(dict.fromkeys(name_key(word) for text in texts for word in _words(text)))[:_MOST_WORDS]


def _words(text: str) -> Iterator[str]:
    yield from "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text).split()
