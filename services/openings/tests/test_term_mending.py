"""What openings and definitions are found by follows from their texts again after an older version has written some."""

import pytest
from sqlmodel import col, delete, select, update

from makersync.http.pagination import PageRequest
from makersync.runtime.mending import Mending
from makersync.runtime.service import Context
from openings.adapters import term_mending
from openings.adapters.catalog_repository import CatalogCopyRepository
from openings.adapters.opening_repository import OpeningFilter, OpeningRepository
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.search_terms import SearchTermRow
from openings.adapters.term_mending import FOUND, mending_search_terms

from .conftest import CREDENTIALS, Caller, publish

pytestmark = pytest.mark.usefixtures("catalog")


async def mend(context: Context) -> dict[str, float | None]:
    """Looks through all; returns how many of each were mended so far."""
    for each in FOUND:
        await Mending(each, mending_search_terms(context.store, each), context.metrics).step()
    sample = context.metrics.registry.get_sample_value
    return {each: sample("makersync_mended_terms_total", {"subject": each}) for each in FOUND}


async def found(context: Context, employer_id: str, words: str) -> list[str]:
    async with context.store.reading() as session:
        listed = await OpeningRepository(session, employer_id).listed(OpeningFilter(words=words), PageRequest(9, None, "test"))
        return [each.terms.title for each in listed.items]


async def test_all_that_an_older_version_wrote_is_found_again(context: Context, acme: Caller, bolt: Caller) -> None:
    await publish(acme, title="Lathe operator")
    await publish(bolt, title="Welder")
    async with context.store.transaction() as session:
        await session.exec(delete(SearchTermRow).where(col(SearchTermRow.scope) != "emp_bolt"))
        renamed = update(OpeningRow).where(col(OpeningRow.employer_id) == "emp_bolt").values(title="Fitter")
        await session.exec(renamed)
    assert await mend(context) == {"opening": 2, "credential": len(CREDENTIALS), "competency": 2}
    assert await found(context, "emp_acme", "lath") == ["Lathe operator"]
    assert await found(context, "emp_bolt", "fit") == ["Fitter"]
    assert await found(context, "emp_bolt", "weld") == await found(context, "emp_acme", "fit") == []
    async with context.store.reading() as session:
        assert len(await CatalogCopyRepository(session).credentials_beginning("nims", 9)) == len(CREDENTIALS), "by id or issuer"
    assert await mend(context) == {"opening": 2, "credential": len(CREDENTIALS), "competency": 2}


async def test_all_pages_are_looked_through(monkeypatch: pytest.MonkeyPatch, context: Context, acme: Caller) -> None:
    monkeypatch.setattr(term_mending, "PAGE", 2)
    for number in range(5):
        await publish(acme, title=f"Lathe operator {number}")
    async with context.store.transaction() as session:
        await session.exec(delete(SearchTermRow))
    assert (await mend(context))["opening"] == 5
    async with context.store.reading() as session:
        assert len(set((await session.exec(select(SearchTermRow.id))).all())) == 10
