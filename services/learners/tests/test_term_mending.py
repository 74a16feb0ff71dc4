"""What people are found by follows from their names again after processes of an older version have written some."""

import pytest
from sqlmodel import col, delete, select, update

from learners.adapters import term_mending
from learners.adapters.learner_tables import PersonRow, PersonTermRow
from learners.adapters.term_mending import mending_person_terms
from makersync.runtime.mending import Mending
from makersync.runtime.service import Context

from .conftest import Caller
from .samples import register
from .test_search import found


def mended(context: Context) -> float | None:
    return context.metrics.registry.get_sample_value("makersync_mended_terms_total", {"subject": "person"})


def mending(context: Context) -> Mending:
    return Mending("person", mending_person_terms(context.store), context.metrics)


async def test_whoever_an_older_version_wrote_is_found_by_the_name_of_now(context: Context, york: Caller) -> None:
    """Guards: a name that was corrected would be found as it was, and somebody new by nothing."""
    new, corrected, same = [await register(york, person={"name": name}) for name in ("Nadia Ovid", "Jon Smyth", "Li Wei")]
    async with context.store.transaction() as session:
        await session.exec(delete(PersonTermRow).where(col(PersonTermRow.learner_id) == new))
        await session.exec(update(PersonRow).where(col(PersonRow.learner_id) == corrected).values(name="Jan Smith"))
    assert [await found(york, words) for words in ("nadia", "jan", "jon")] == [[], [], ["Jan Smith"]]
    step = mending(context).step
    await step()
    assert [await found(york, words) for words in ("nadia", "jan", "jon")] == [["Nadia Ovid"], ["Jan Smith"], []]
    assert await found(york, "li") == ["Li Wei"] and same
    assert mended(context) == 2
    await step()
    assert mended(context) == 2


async def test_all_are_looked_through_page_by_page(
    monkeypatch: pytest.MonkeyPatch, context: Context, york: Caller, lima: Caller
) -> None:
    """All in the first step, and then a page in each."""
    monkeypatch.setattr(term_mending, "PAGE", 2)
    for caller in (york, york, lima, lima, york):
        await register(caller, person={"name": "Ann Bell"})
    step, people = mending(context).step, []
    for _ in range(4):
        async with context.store.transaction() as session:
            await session.exec(delete(PersonTermRow))
        await step()
        async with context.store.reading() as session:
            people.append(len(set((await session.exec(select(PersonTermRow.learner_id))).all())))
    assert people == [5, 2, 2, 1]
