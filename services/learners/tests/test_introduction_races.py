"""What two people, or a person and the consumer, do to one introduction at the same moment."""

import asyncio

import pytest

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.introducing import accept_introduction
from learners.application.registering import decide_consent
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from reference.places import load_places

from .conftest import Caller, Published
from .events import Feed
from .following import types_of
from .introducing import asked, candidate, contact, ended, granted, hired, introduction, settle
from .samples import accepted
from .test_feed_races import waits
from .test_learner_answers import answered, link_of

#: Only PostgreSQL lets two transactions overlap.
OVERLAPPING = pytest.mark.parametrize("seeded_url", [pytest.param("postgres", marks=pytest.mark.cluster)], indirect=True)
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def units_of_work(context: Context) -> LearnersUnitsOfWork:
    return LearnersUnitsOfWork(context.outbox, context.clock, load_places())


async def test_a_link_that_is_used_twice_at_once_answers_once(york: Caller, feed: Feed, published: Published) -> None:
    await feed.batch(asked(await candidate(york)))
    path = await link_of(york)
    both = await asyncio.gather(answered(york, path), answered(york, path, {"answer": "decline", "reason": "pay"}))
    assert sorted(each.status_code for each in both) == [200, 410]
    assert [each.json()["rule"] for each in both if each.status_code == 410] == ["link_used"]
    assert len([kind for kind in await published.kinds() if kind.startswith("Introduction")]) == 1


async def test_two_processes_settle_an_introduction_once(
    york: Caller, feed: Feed, context: Context, published: Published
) -> None:
    await feed.batch(asked(await candidate(york), answer_by="2026-11-21"))
    await asyncio.gather(settle(context), settle(context))
    assert (await published.kinds()).count("IntroductionLapsed") == 1


@OVERLAPPING
async def test_what_the_employers_side_says_during_an_acceptance_comes_after_it(
    york: Caller, feed: Feed, context: Context, units_of_work: LearnersUnitsOfWork, numbering: Numbering
) -> None:
    """Guards: both sides' states are kept, and where it stands is told by both."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    withdrawal = ended(ada, "IntroductionWithdrawn", 2, status="withdrawn", reason="opening_closed")
    async with context.store.transaction() as session:
        await accept_introduction(units_of_work.at(session, SERVICE), "int_1", lambda version: None)
        consumed = await waits(feed.batch(withdrawal))
    await consumed
    shown = await introduction(york)
    assert (shown["status"], shown["side"], shown["answered_by"]) == ("withdrawn", "employer", "provider")
    await numbering.number()
    assert await types_of(york) == ["introduction.asked", "introduction.accepted", "introduction.withdrawn"]


@OVERLAPPING
async def test_a_contact_that_is_read_during_a_withdrawal_of_consent_waits_and_is_closed(
    york: Caller, feed: Feed, context: Context, units_of_work: LearnersUnitsOfWork
) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada), granted(ada, 2))
    accepted(await york.change("POST", "/v1/introductions/int_1/accept", 2))
    async with context.store.transaction() as session:
        await decide_consent(units_of_work.at(session, SERVICE), ada, lambda version: None, consents=False)
        read = await waits(contact(york))
    assert (await read).status_code == 410
    assert accepted(await york.get("/v1/introductions/int_1/readings"))["items"] == []


@OVERLAPPING
async def test_two_hires_of_one_learner_are_confirmed_one_after_the_other(
    york: Caller, feed: Feed, published: Published
) -> None:
    """Guards: all introductions of a learner are claimed in one order, so that nobody waits for each other."""
    ada = await candidate(york)
    names = [f"int_{number}" for number in range(6)]
    await feed.batch(*(asked(ada, name=name) for name in names))
    await feed.batch(*(hired(ada, 2, name) for name in names[:4]))
    confirmed = await asyncio.gather(*(york.change("POST", f"/v1/introductions/{name}/confirm-hire", 2) for name in names[:4]))
    assert [each.status_code for each in confirmed] == [200] * 4
    kinds = await published.kinds()
    assert (kinds.count("HireConfirmed"), kinds.count("IntroductionEnded"), kinds.count("AvailabilityChanged")) == (4, 2, 1)
