"""Somebody who was registered twice is seen on the page, compared and merged, without scripts."""

from services.learners.tests.conftest import Caller
from services.learners.tests.events import Feed
from services.learners.tests.introducing import asked, candidate
from services.learners.tests.samples import accepted, record, register
from tests.visiting.browser import Browser

TWICE = {"name": "Ada Byron", "email": "ada@example.org"}


async def test_a_duplicate_is_compared_and_merged(instructor: Browser, york: Caller) -> None:
    stays = await register(york, person=TWICE, consents_to_matching=True)
    goes = await register(york, person=TWICE | {"name": "Ada <b>King</b>", "phone": "717 555 0100"})
    await record(york, goes)
    path = f"/learners/{stays}/merge/{goes}"
    assert f'href="{path}"' in (await instructor.open(f"/learners/{stays}")).text
    page = (await instructor.open(path)).text
    assert "Ada &lt;b&gt;King&lt;/b&gt;" in page and "717 555 0100" in page
    assert "has agreed to be matched in one record only" in page and "moves to the record that stays" in page
    fields = {"version": "1", "other_version": "2"}
    unmeant = await instructor.send(path, **fields)
    assert unmeant.status_code == 422 and "tick this to merge the two" in unmeant.text
    assert (await instructor.send(path, meant="yes", **fields)).headers["location"] == f"/learners/{stays}"
    assert len(accepted(await york.get(f"/v1/learners/{stays}"))["awards"]) == 1
    assert (await instructor.open(f"/learners/{goes}")).headers["location"] == f"/learners/{stays}"


async def test_somebody_else_has_changed_one_of_the_two_meanwhile(instructor: Browser, york: Caller) -> None:
    stays, goes = await register(york), await register(york)
    path = f"/learners/{stays}/merge/{goes}"
    await instructor.open(path)
    await record(york, goes)
    answer = await instructor.send(path, meant="yes", version="1", other_version="1")
    assert answer.status_code == 412 and "moves to the record that stays" in answer.text


async def test_what_is_open_is_ended_first(instructor: Browser, york: Caller, feed: Feed) -> None:
    stays, goes = await candidate(york), await candidate(york)
    await feed.batch(asked(goes))
    page = (await instructor.open(f"/learners/{stays}/merge/{goes}")).text
    assert 'href="/introductions/int_1"' in page and "cannot be undone" not in page
    forced = await instructor.send(f"/learners/{stays}/merge/{goes}", meant="yes", version="1", other_version="1")
    assert forced.status_code == 409


async def test_nobody_compares_what_is_of_others(instructor: Browser, york: Caller, lima: Caller) -> None:
    mine, foreign = await register(york), await register(lima)
    assert (await instructor.open(f"/learners/{mine}/merge/{foreign}")).status_code == 404
    assert (await instructor.open(f"/learners/{foreign}/merge/{mine}")).status_code == 404
    assert "These two cannot be merged" in (await instructor.open(f"/learners/{mine}/merge/{mine}")).text
