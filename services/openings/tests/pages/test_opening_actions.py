"""The life of an opening on its page, and what its page and the list say of it."""

import io
from zipfile import ZipFile

import pytest

from makersync.http.wiring import Wiring
from services.openings.tests.conftest import NOW, Caller, publish
from services.openings.tests.events import Counted, Feed, Match, counted
from services.openings.tests.introductions.scenes import Scene
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("catalog")


async def state(acme: Caller, opening_id: str) -> tuple[str, int, int]:
    opening = (await acme.get(f"/v1/openings/{opening_id}")).json()
    return opening["status"], opening["filled"], opening["version"]


async def test_an_opening_is_closed_opened_again_and_filled(acme: Caller, recruiter: Browser, opening_id: str) -> None:
    path = f"/openings/{opening_id}"
    await recruiter.open(path)
    closed = await recruiter.send(f"{path}/close", version="1")
    assert closed.status_code == 303 and await state(acme, opening_id) == ("closed", 0, 2)
    page = (await recruiter.open(closed.headers["location"])).text
    assert "This opening no longer looks for candidates" in page and "Open again" in page
    await recruiter.send(f"{path}/reopen", version="2")
    await recruiter.send(f"{path}/fill", version="3", filled="3")
    assert await state(acme, opening_id) == ("filled", 3, 4)
    await recruiter.send(f"{path}/fill", version="4", filled="1")
    assert await state(acme, opening_id) == ("open", 1, 5)


async def test_a_step_that_is_refused_says_why_and_keeps_what_was_typed(
    acme: Caller, recruiter: Browser, opening_id: str
) -> None:
    path = f"/openings/{opening_id}"
    await recruiter.open(path)
    for typed in ("4", "many", "", "-1"):
        answer = await recruiter.send(f"{path}/fill", version="1", filled=typed)
        assert answer.status_code == 422 and 'id="filled-error"' in answer.text, typed
    assert 'value="many"' in (await recruiter.send(f"{path}/fill", version="1", filled="many")).text
    assert (await recruiter.send(f"{path}/reopen", version="1")).status_code == 409
    await acme.change("PATCH", f"/v1/openings/{opening_id}", 1, {"positions": 5})
    for version in ("1", "", '1", "2'):
        answer = await recruiter.send(f"{path}/close", version=version)
        assert answer.status_code == 412 and "0 of 5" in answer.text
    assert (await state(acme, opening_id))[0] == "open"


async def test_steps_of_others_and_of_readers_are_refused(
    wiring: Wiring, acme: Caller, bolt: Caller, recruiter: Browser, other_browser: Browser, opening_id: str
) -> None:
    stranger = (await publish(bolt)).removeprefix("/v1")
    await recruiter.open(f"/openings/{opening_id}")
    token = recruiter.form_token
    for step in ("close", "reopen", "fill"):
        answer = await recruiter.send_from("same-origin", f"{stranger}/{step}", form_token=token, version="1", filled="1")
        assert answer.status_code == 404, step
    assert (await recruiter.open(f"/files{stranger}/shortlist")).status_code == 404
    reader = await joined(wiring, other_browser, address="al@acme.example", role="reader")
    page = (await reader.open(f"/openings/{opening_id}")).text
    assert "Close" not in page and "Copy as a new one" not in page
    await reader.open("/openings")
    assert (await reader.send(f"/openings/{opening_id}/close", version="1")).status_code == 403
    assert (await state(acme, opening_id))[0] == "open"


async def test_the_list_counts_and_is_searched_by_the_names_of_jobs(
    acme: Caller, bolt: Caller, recruiter: Browser, feed: Feed
) -> None:
    opening_id = (await publish(acme, title="Fräser, fünf Achsen")).rpartition("/")[2]
    await publish(acme, title="Welder")
    await publish(bolt, title="Fräser of Bolt")
    await Scene(acme, feed, opening_id).asked()
    await feed.reach(Counted(opening_id).at(1, qualified=counted(15)))
    page = (await recruiter.open("/openings?title=FRAS funf")).text
    assert "Fräser, fünf Achsen" in page and "Welder" not in page and "Fräser of Bolt" not in page
    assert 'data-label="Qualify">15 to 19<' in page and 'data-label="In introduction">1<' in page
    assert 'data-label="Days since it was published">0<' in page
    assert "whose name has words that begin like this" in (await recruiter.open("/openings?title=rase")).text
    await acme.change("PATCH", f"/v1/openings/{opening_id}", 1, {"title": "Turner"})
    assert "Turner" in (await recruiter.open("/openings?title=turn")).text
    assert "Turner" not in (await recruiter.open("/openings?title=fraser")).text


async def test_an_empty_list_says_how_to_begin(recruiter: Browser) -> None:
    page = (await recruiter.open("/openings")).text
    assert "You have no openings yet" in page and 'href="/openings/new"' in page


async def test_an_opening_says_how_many_qualify_and_since_when(recruiter: Browser, feed: Feed, opening_id: str) -> None:
    assert "has not been counted yet" in (await recruiter.open(f"/openings/{opening_id}")).text
    await feed.reach(Counted(opening_id).at(1, qualified=counted(0, 1)))
    page = (await recruiter.open(f"/openings/{opening_id}")).text
    assert "How many qualify: nobody" in page and "10 to 14: <bdi>NIMS.CNC-OPERATOR</bdi>" in page


async def test_each_candidate_says_why_it_stands_before_the_next(recruiter: Browser, feed: Feed, opening_id: str) -> None:
    first = Match(opening_id, "lrn_1").proposed(1, score=7000, components={"preferred": 10000, "evidence": 0})
    same = Match(opening_id, "lrn_2").proposed(1, score=2000, seeking_since="2026-01-01")
    later = Match(opening_id, "lrn_3").proposed(1, score=2000, seeking_since="2026-02-01")
    await feed.matches(first, same, later)
    page = (await recruiter.open(f"/openings/{opening_id}")).text
    assert "Before the next by score, 7,000 to 2,000: nice to have 10,000 to" in page
    assert "has looked for work for longer" in page


async def test_what_lapses_before_work_begins_is_said(acme: Caller, recruiter: Browser, feed: Feed) -> None:
    opening_id = (await publish(acme, start_by="2027-03-01")).rpartition("/")[2]
    awards = [{"award_id": "awd_1", "credential": "nims.cnc-operator", "expires_on": "2027-02-01"}]
    outcomes = [{"id": "cnc", "met": True, "evidence": "verified", "awards": ["awd_1"]}]
    await feed.matches(Match(opening_id, "lrn_1").proposed(1, groups=outcomes, awards=awards))
    assert "Expires before work begins" in (await recruiter.open(f"/openings/{opening_id}")).text


async def test_what_has_come_since_the_page_was_loaded_is_marked(recruiter: Browser, feed: Feed, opening_id: str) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    part = f"/openings/{opening_id}/shortlist"
    assert 'class="card new"' in (await recruiter.open(f"{part}?since=2020-01-01T00:00:00%2B00:00")).text
    for since in ("2030-01-01T00:00:00%2B00:00", "nonsense", "2020-01-01", ""):
        assert 'class="card new"' not in (await recruiter.open(f"{part}?since={since}")).text, since
    assert "since=2026-11-22" in (await recruiter.open(f"/openings/{opening_id}")).text and NOW.year == 2026


async def test_a_shortlist_is_downloaded(recruiter: Browser, feed: Feed, opening_id: str) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    csv = await recruiter.open(f"/files/openings/{opening_id}/shortlist?format=csv")
    assert csv.headers["content-disposition"] == f'attachment; filename="{opening_id}.csv"'
    assert [line.split(",")[3] for line in csv.text.splitlines()] == ["learner_id", "lrn_1"]
    xlsx = await recruiter.open(f"/files/openings/{opening_id}/shortlist?format=xlsx")
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(xlsx.content)).namelist()
