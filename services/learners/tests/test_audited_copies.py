"""The audit compares the copies that this service keeps of other services' subjects with the log."""

from typing import Any

import pytest
from msgspec import structs
from sqlmodel import col, update

from contracts.topics import OPENING
from learners.adapters import audit_views
from learners.adapters.opening_tables import OpeningCopyRow
from learners.bootstrap import definition
from learners.entrypoints.consumers import opening_consumer
from makersync.envelope import decode, encode
from makersync.runtime.service import Context
from tests.servers.restoring import RestoredService

from .conftest import Caller
from .events import Feed, Sent, match, opening, received
from .samples import register
from .test_pathway_openings import naming

TERMS: dict[str, Any] = {"wage_min": 2500, "start_by": "2027-01-04", "shifts": ["day"], "employer_name": "York Gears"}


async def on_topic(context: Context, *sent: Sent) -> RestoredService:
    """A service whose log has these openings."""
    restored = await RestoredService(context, definition()).open()
    for each in sent:
        event = decode(received(opening_consumer(), each).record.value)
        state = {name: value for name, value in event.data.items() if name != "provider_id"}
        await restored.put(OPENING, f"{event.partitionkey}/{event.subject}", encode(structs.replace(event, data=state)))
    return restored


async def differing(restored: RestoredService) -> list[tuple[str, str]]:
    found = [each for each in await restored.disagreements_with_all() if each.view == "learners: its copy of the openings"]
    return [(each.key.rpartition("/")[2], f"{each.kind}: {each.line}") for each in found]


async def test_a_copy_that_equals_the_log_differs_in_nothing(context: Context, feed: Feed) -> None:
    sent = opening(2, **TERMS), opening(1, "opn_2", zip=None, remote=True, status="closed")
    restored = await on_topic(context, *sent)
    await feed.batch(*sent)
    assert await differing(restored) == []


async def test_a_copy_that_is_missing_older_or_altered_is_named(context: Context, feed: Feed) -> None:
    """Guards: providers would be shown a job that is not what its employer tells everybody."""
    restored = await on_topic(context, opening(2, **TERMS), opening(1, "missing"), opening(3, "older"))
    await feed.batch(opening(2, **TERMS), opening(2, "older"))
    async with context.store.transaction() as session:
        altered = update(OpeningCopyRow).where(col(OpeningCopyRow.opening_id) == "opn_1")
        await session.exec(altered.values(title="Another"))
    assert sorted(await differing(restored)) == [
        ("missing", "missing: version 1 in the log"),
        ("older", "another version: 2 here, 3 in the log"),
        ("opn_1", "another state: title at version 2"),
    ]


async def test_every_page_is_compared(york: Caller, context: Context, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the tables are read in pages, and what is on the second would be missed."""
    monkeypatch.setattr(audit_views, "PAGE", 2)
    monkeypatch.setattr(audit_views, "AT_ONCE", 2)
    learners = sorted([await register(york) for _ in range(3)])
    for learner_id in learners:
        await feed.batch(match("MatchProposed", 1, learner_id, "a"), match("MatchProposed", 1, learner_id, "b"))
        await feed.batch(naming(1, learner_id, {"nims:milling": ["a"]}), naming(1, learner_id, {}, "25420"))
    await feed.batch(*(opening(1, f"opn_{number}") for number in range(5)))
    async with context.store.reading() as session:
        for view, count in ((audit_views.matches, 6), (audit_views.pathways, 6), (audit_views.opening_copies, 5)):
            stated = [each.key async for each in view(session)]
            assert len(stated) == len(set(stated)) == count
