"""Requests of employers as they arrive: in any order, more than once, and for learners who are gone, unknown or another's."""

from learners.adapters.introduction_forgetting import forget_introductions
from learners.adapters.tables import IntroductionAnswerRow, IntroductionRow
from makersync.clock import ManualClock
from makersync.effects.consumer_port import KnownSubject
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context

from .conftest import NOW, Caller, Published
from .events import Feed
from .following import entries_of, snapshot_of, types_of
from .introducing import act, asked, candidate, consent, ended, granted, hired, introduction, settle
from .samples import accepted, erase


async def row_of(context: Context, name: str = "int_1") -> IntroductionRow:
    async with context.store.reading() as session:
        found = await session.get(IntroductionRow, name)
    assert found is not None
    return found


async def answer_of(context: Context, name: str = "int_1") -> IntroductionAnswerRow | None:
    async with context.store.reading() as session:
        return await session.get(IntroductionAnswerRow, name)


async def test_a_late_copy_changes_nothing(york: Caller, feed: Feed) -> None:
    ada = await candidate(york)
    await feed.batch(ended(ada, "IntroductionWithdrawn", 2, status="withdrawn", reason="employer_withdrew"), asked(ada))
    await feed.batch(asked(ada))
    shown = await introduction(york)
    assert (shown["status"], shown["reason"], shown["version"]) == ("withdrawn", "employer_withdrew", 2)


async def test_an_erased_learners_is_answered_at_once_by_the_service(
    york: Caller, feed: Feed, context: Context, published: Published
) -> None:
    """Guards: nothing that is said about an erased learner is kept, even when it arrives after the erasure."""
    ada = await candidate(york)
    await erase(york, ada)
    await feed.batch(asked(ada))
    row = await row_of(context)
    assert (row.message, row.contact, row.outcomes) == (None, None, [])
    await settle(context)
    [event] = [each for each in await published.events() if each.type == "learners.IntroductionEnded"]
    assert (event.data["status"], event.data["reason"], event.data["answered_by"]) == ("withdrawn", "erased", "service")
    assert event.data["provider_name"] == "prv_york"
    await feed.batch(granted(ada, 2))
    await settle(context)
    assert (await row_of(context)).message is None
    assert [each.type for each in await published.events()].count("learners.IntroductionEnded") == 1


async def test_an_unknown_learners_waits_until_the_learner_is_known_or_it_lapses(
    york: Caller, feed: Feed, context: Context, clock: ManualClock, numbering: Numbering
) -> None:
    """Guards: after a restoration a request may come before its learner does. Nobody is told about it."""
    await feed.batch(asked("lrn_unknown"))
    await settle(context)
    assert ((await row_of(context)).status, await answer_of(context)) == ("asked", None)
    assert (await york.get("/v1/introductions/int_1")).status_code == 404
    assert accepted(await york.get("/v1/introductions"))["items"] == []
    assert await numbering.number() == 0
    clock.move_to(NOW.replace(day=28))
    await settle(context)
    assert (await row_of(context)).status == "lapsed"


async def test_one_that_names_another_provider_is_set_aside(york: Caller, lima: Caller, feed: Feed) -> None:
    """Guards: no provider is shown another's learner. The kit sets an event aside that names another owner than is known."""
    ada = await candidate(york)
    assert list(await feed.known(asked(ada))) == [KnownSubject(0, {"provider_id": "prv_york"})]
    await feed.batch(asked(ada, version=4))
    assert list(await feed.known(asked(ada, version=5))) == [
        KnownSubject(4, {"provider_id": "prv_york", "employer_id": "emp_1"})
    ]
    await feed.batch(asked(ada, name="int_9", provider_id="prv_lima"))
    for caller in (york, lima):
        assert (await caller.get("/v1/introductions/int_9")).status_code == 404


async def test_the_feed_tells_what_happens_and_the_snapshot_what_is_open(
    york: Caller, feed: Feed, context: Context, numbering: Numbering
) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada), asked(ada, name="int_2"), asked(ada, name="int_3"))
    await act(york, "accept")
    await act(york, "decline", {"reason": "pay"}, "int_2")
    await feed.batch(granted(ada, 2), hired(ada, 3))
    await numbering.number()
    assert await types_of(york) == [
        *["introduction.asked"] * 3,
        "introduction.accepted",
        "introduction.declined",
        "introduction.hired",
    ]
    last = (await entries_of(york))[-1]
    assert (last["subject"], last["occurred_at"]) == (f"{ada}/int_1", "2026-11-22T08:59:59Z")
    assert last["data"] == {
        "introduction_id": "int_1",
        "opening_id": "opn_1",
        "learner_id": ada,
        "employer_id": "emp_1",
        "region": "49620",
        "status": "hired",
        "side": "employer",
        "answer_by": "2026-11-27",
        "answered_by": "provider",
        "hired_on": "2026-11-24",
        "version": 4,
    }
    assert set(await snapshot_of(york)) == {f"{ada}/int_1", f"{ada}/int_3"}
    await act(york, "confirm-hire")
    await feed.batch(asked(ada, "HireUndone", 4))
    await settle(context)
    await numbering.number()
    assert (await types_of(york))[6:] == [
        "introduction.withdrawn",
        "introduction.hire_confirmed",
        "introduction.hire_undone",
    ]
    assert set(await snapshot_of(york)) == {f"{ada}/int_1"}


async def test_an_erasure_empties_the_entries_about_it(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada))
    await erase(york, ada)
    await numbering.number()
    assert [(each["type"], each["data"] and each["data"]["reason"]) for each in await entries_of(york)] == [
        ("introduction.asked", None),
        ("introduction.withdrawn", "erased"),
    ]
    assert await snapshot_of(york) == {}


async def test_what_the_employer_wrote_is_forgotten_some_time_after_the_end(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    ada, bea = await candidate(york), await candidate(york)
    await feed.batch(asked(ada), asked(bea, name="int_2", answer_by="2027-12-31"))
    await consent(york, ada, False)
    for day in (23, 30):
        clock.move_to(NOW.replace(day=day))
        assert await forget_introductions(context.store, clock, 7) == 0
        assert (await introduction(york))["message"] == "Come and see our mill."
    clock.move_to(NOW.replace(month=12, day=1))
    assert await forget_introductions(context.store, clock, 7) == 1
    assert await forget_introductions(context.store, clock, 7) == 0
    shown = await introduction(york)
    assert (shown["message"], shown["contact"], shown["outcomes"], shown["reason"]) == (None, None, [], "consent_withdrawn")
    assert (await introduction(york, "int_2"))["message"] == "Come and see our mill."


async def test_the_employers_side_is_told_of_a_withdrawn_consent_however_an_introduction_ended(
    york: Caller, feed: Feed, published: Published
) -> None:
    """Guards: the openings service forgets what it has kept of the learner, of introductions that have ended too."""
    ada = await candidate(york)
    await feed.batch(asked(ada), asked(ada, name="int_2"))
    await act(york, "decline", {"reason": "pay"})
    await consent(york, ada, False)
    await consent(york, ada, True)
    await consent(york, ada, False)
    told = [each for each in await published.events() if each.type == "learners.IntroductionEnded"]
    assert [(each.subject, each.version, each.data["reason"]) for each in told] == [
        ("int_1", 2, "consent_withdrawn"),
        ("int_2", 1, "consent_withdrawn"),
    ]


async def test_what_the_employers_side_says_after_an_answer_is_no_news(
    york: Caller, feed: Feed, context: Context, numbering: Numbering
) -> None:
    """Guards: outcomes and message leave the topic then, but the provider still sees what it has declined."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    await act(york, "decline", {"reason": "pay"})
    await feed.batch(ended(ada, "IntroductionWithdrawn", 2, status="withdrawn", reason="answered"))
    await settle(context)
    await numbering.number()
    assert await types_of(york) == ["introduction.asked", "introduction.declined"]
    shown = await introduction(york)
    assert (shown["status"], shown["reason"], shown["message"], len(shown["outcomes"])) == (
        "declined",
        "pay",
        "Come and see our mill.",
        2,
    )


async def test_nobody_is_told_of_the_end_of_what_was_never_told(york: Caller, feed: Feed, numbering: Numbering) -> None:
    """Guards: topics are compacted, so that a reader that begins late finds ends alone."""
    ada = await candidate(york)
    await feed.batch(ended(ada, "IntroductionWithdrawn", 2, status="withdrawn", reason="opening_closed"))
    assert await numbering.number() == 0
