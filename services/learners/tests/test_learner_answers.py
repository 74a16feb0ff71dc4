"""The learner's own answer, by a link that works once and until its end."""

from datetime import timedelta
from typing import Any

import httpx
import structlog

from makersync.clock import ManualClock
from makersync.http.misses import MOST_MISSES, WINDOW_S
from makersync.runtime.service import Context

from .conftest import NOW, Caller
from .events import Feed
from .introducing import act, asked, candidate, ended, introduction
from .samples import accepted, conflict, erase, refused

ACCEPT = {"answer": "accept"}


async def link_of(caller: Caller, name: str = "int_1") -> str:
    """Its address without that of the service."""
    address = str(accepted(await act(caller, "learner-link", name=name))["address"])
    assert address.startswith("http://127.0.0.1:8102/v1/learner-answers/")
    return address.removeprefix("http://127.0.0.1:8102")


def nobody(caller: Caller) -> Caller:
    """Somebody without an API key."""
    return Caller(caller.http, {})


async def answered(caller: Caller, path: str, body: Any = ACCEPT) -> httpx.Response:
    return await nobody(caller).post(path, body)


def gone(answer: httpx.Response) -> str:
    assert answer.status_code == 410, answer.text
    return str(answer.json()["rule"])


async def test_a_learner_reads_what_is_asked_and_accepts(york: Caller, feed: Feed) -> None:
    await feed.batch(asked(await candidate(york)))
    path = await link_of(york)
    shown = accepted(await nobody(york).get(path))
    assert (shown["job"]["employer_name"], shown["message"]) == ("Lakeshore Precision", "Come and see our mill.")
    assert "Ada" not in str(shown)
    accepted(await nobody(york).get(path))
    assert accepted(await answered(york, path))["status"] == "accepted"
    assert (await introduction(york))["answered_by"] == "learner"


async def test_a_learner_declines_with_a_reason_and_only_then(york: Caller, feed: Feed) -> None:
    await feed.batch(asked(await candidate(york)))
    path = await link_of(york)
    assert refused(await answered(york, path, {"answer": "decline"}), 422) == [("reason", "missing")]
    assert refused(await answered(york, path, ACCEPT | {"reason": "pay"}), 422) == [("reason", "no_refusal")]
    assert accepted(await answered(york, path, {"answer": "decline", "reason": "place"}))["status"] == "declined"
    assert (await introduction(york))["reason"] == "place"


async def test_a_link_is_used_once(york: Caller, feed: Feed) -> None:
    await feed.batch(asked(await candidate(york)))
    path = await link_of(york)
    accepted(await answered(york, path))
    assert gone(await answered(york, path)) == "link_used"
    assert gone(await nobody(york).get(path)) == "link_used"


async def test_an_altered_or_replaced_link_is_absent(york: Caller, feed: Feed) -> None:
    await feed.batch(asked(await candidate(york)))
    first = await link_of(york)
    second = await link_of(york)
    altered = second[:-1] + ("A" if second[-1] != "A" else "B")
    for path in (first, altered, "/v1/learner-answers/x"):
        assert (await nobody(york).get(path)).json()["rule"] == "no_such_thing"
        assert (await answered(york, path)).status_code == 404
    accepted(await answered(york, second))


async def test_a_link_ends_with_the_last_day_for_an_answer(york: Caller, feed: Feed, clock: ManualClock) -> None:
    await feed.batch(asked(await candidate(york), answer_by="2026-11-23"))
    made = accepted(await act(york, "learner-link"))
    path = made["address"].removeprefix("http://127.0.0.1:8102")
    assert made["expires_at"] == "2026-11-24T00:00:00Z"
    clock.move_to(NOW.replace(day=24, hour=0))
    assert gone(await nobody(york).get(path)) == "link_expired"
    assert gone(await answered(york, path)) == "link_expired"
    assert conflict(await act(york, "learner-link")) == "answered_late"


async def test_a_link_ends_after_seven_days_at_the_latest(york: Caller, feed: Feed, clock: ManualClock) -> None:
    await feed.batch(asked(await candidate(york), answer_by="2027-01-31"))
    path = await link_of(york)
    clock.move_to(NOW.replace(day=29))
    assert gone(await answered(york, path)) == "link_expired"
    accepted(await answered(york, await link_of(york)))


async def test_a_link_is_of_no_use_once_somebody_else_has_answered(york: Caller, feed: Feed) -> None:
    ada, bea = await candidate(york), await candidate(york)
    await feed.batch(asked(ada), asked(bea, name="int_2"))
    mine, other = await link_of(york), await link_of(york, "int_2")
    await act(york, "decline", {"reason": "pay"})
    await feed.batch(ended(bea, "IntroductionWithdrawn", 2, "int_2", status="withdrawn", reason="opening_closed"))
    assert [gone(await answered(york, path)) for path in (mine, other)] == ["not_waiting", "not_waiting"]
    assert conflict(await act(york, "learner-link")) == "not_asked"


async def test_the_link_of_an_erased_learner_is_absent(york: Caller, feed: Feed) -> None:
    ada = await candidate(york)
    await feed.batch(asked(ada))
    path = await link_of(york)
    await erase(york, ada)
    assert (await answered(york, path)).status_code == 404


async def test_whoever_guesses_tokens_is_told_to_stop(york: Caller, feed: Feed, clock: ManualClock) -> None:
    """Guards: a known token is answered whatever else came from its address, which may be a proxy's."""
    await feed.batch(asked(await candidate(york)))
    path = await link_of(york)
    for number in range(MOST_MISSES):
        assert (await nobody(york).get(f"/v1/learner-answers/guess-{number}")).status_code == 404
    refusal = await nobody(york).get("/v1/learner-answers/guess")
    assert (refusal.status_code, refusal.json()["rule"], refusal.headers["Retry-After"]) == (429, "tokens_missed", "60")
    accepted(await nobody(york).get(path))
    accepted(await answered(york, path))
    clock.move_to(NOW + timedelta(seconds=WINDOW_S))
    assert (await nobody(york).get("/v1/learner-answers/guess")).status_code == 404


async def test_no_token_of_a_link_is_logged_or_kept(york: Caller, feed: Feed, context: Context) -> None:
    with structlog.testing.capture_logs() as lines:
        await feed.batch(asked(await candidate(york)))
        path = await link_of(york)
        await nobody(york).get(path)
        await answered(york, path)
    token = path.rpartition("/")[2]
    assert [line["route"] for line in lines if "learner-answers" in str(line)] == ["/v1/learner-answers/{token}"] * 2
    assert token not in str(lines)
