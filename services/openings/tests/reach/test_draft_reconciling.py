"""A restored store and the topic of drafts: whatever either says of a draft, it ends, and its id goes on above both."""

from collections.abc import AsyncIterator

import pytest

from contracts.topics import DRAFT
from makersync.effects.divergence import Divergence
from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from openings.bootstrap import definition
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Counted, Feed
from services.openings.tests.samples import wanted
from tests.servers.restoring import RestoredService

pytestmark = pytest.mark.usefixtures("catalog")

ID = "drf_acme.49620.1"
BOTH = pytest.mark.parametrize("choice", list(Choice))


@pytest.fixture
async def restored(context: Context) -> AsyncIterator[RestoredService]:
    yield await RestoredService(context, definition()).open()


async def ask(employer: Caller) -> str:
    answer = await employer.send("POST", "/v1/openings/preview", json=wanted(), params={"wait": 0})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])


async def end_of(restored: RestoredService) -> tuple[str, int]:
    [event] = (await restored.ends(DRAFT)).values()
    return event.type, event.version


@BOTH
async def test_a_question_that_was_lost_with_the_store_ends(acme: Caller, restored: RestoredService, choice: Choice) -> None:
    """Nobody reads its answer any more."""
    dump = await restored.dump()
    await ask(acme)
    await restored.publish()
    await restored.restore(dump)
    assert await restored.differences() == [(ID, Divergence.ONLY_IN_LOG.value)]
    assert (await restored.reconcile(choice)).left == []
    assert await end_of(restored) == ("openings.DraftEnded", 2)
    assert await restored.differences() == []


@BOTH
async def test_an_answered_question_comes_to_its_end_again(
    acme: Caller, feed: Feed, restored: RestoredService, choice: Choice
) -> None:
    """The store believes that it waits; the log's end is taken, or said again above it. The next question goes on above."""
    address = await ask(acme)
    dump = await restored.dump()
    await feed.reach(Counted(ID).at(1))
    await restored.publish()
    await restored.restore(dump)
    assert await restored.differences() == [(ID, Divergence.LOG_NEWER.value)]
    assert (await restored.reconcile(choice)).left == []
    assert (await acme.get(address)).json()["status"] == "unanswered"
    ended = 2 if choice is Choice.TAKE_LOG else 3
    assert await end_of(restored) == ("openings.DraftEnded", ended)
    await ask(acme)
    await restored.publish()
    assert await end_of(restored) == ("openings.DraftSubmitted", ended + 1)
    assert await restored.disagreements() == []
