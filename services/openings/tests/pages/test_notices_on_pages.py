"""An employer's people say on pages who is told by mail, of what and how often; whoever is asked agrees first."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import col, select, update

from makersync.http.wiring import Wiring
from makersync.mail.server_state import keep_problem, keep_set_up
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.store.tables import ActivityRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import Browser, visiting

from .conftest import joined

PAGE = "/notices"
NEW = f"{PAGE}/new"
TOLD = {"told:match.proposed": "daily", "told:opening.ending": "", "hour": "7", "weekday": "monday"}


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    """The service has an address for the links of its mail."""
    return replace(wiring, settings=wiring.settings.model_copy(update={"public_address": "https://pages.example"}))


@pytest.fixture
async def recruiter(wiring: Wiring, browser: Browser, acme: Caller) -> Browser:
    async with wiring.store.transaction() as session:
        await keep_set_up(session, wiring.clock.now())
    visitor = await joined(wiring, browser)
    await visitor.open(NEW)
    return visitor


@pytest.fixture
async def reader(wiring: Wiring, other_browser: Browser, acme: Caller) -> Browser:
    return await joined(wiring, other_browser, address="al@acme.example", role="reader")


@pytest.fixture
async def stranger(app: FastAPI, wiring: Wiring, bolt: Caller) -> AsyncIterator[Browser]:
    async with visiting(app) as browser:
        yield await joined(wiring, browser, address="bo@bolt.example", whose="emp_bolt")


async def added(visitor: Browser, address: str = "jo@acme.example", **changed: str) -> str:
    """The path of a new recipient's page."""
    answer = await visitor.send(PAGE, **{"address": address, **TOLD, **changed})
    assert answer.status_code == 303
    path = str(answer.headers["location"]).partition("?")[0]
    await visitor.open(path)
    return path


async def row_of(wiring: Wiring, path: str) -> RecipientRow:
    async with wiring.store.reading() as session:
        return await session.get_one(RecipientRow, path.rpartition("/")[2])


async def agreed(wiring: Wiring, path: str) -> None:
    async with wiring.store.transaction() as session:
        mine = col(RecipientRow.id) == path.rpartition("/")[2]
        await session.exec(update(RecipientRow).where(mine).values(state="active", confirmed_at=wiring.clock.now()))


async def test_a_recruiter_has_a_person_asked(wiring: Wiring, recruiter: Browser) -> None:
    form = (await recruiter.open(NEW)).text
    assert 'value="jo@acme.example"' in form, "most people have themselves told"
    path = await added(recruiter, description="<i>Desk</i>")
    page = (await recruiter.open(f"{path}?done=asked")).text
    assert "Asked, and not answered yet" in page and "Question whether mail is wanted" in page
    assert "&lt;i&gt;Desk" in page and "New candidates" in page
    row = await row_of(wiring, path)
    assert (row.address, row.cadences, row.hour, row.state) == (
        "jo@acme.example",
        {"match.proposed": "daily"},
        7,
        "unconfirmed",
    )
    assert "jo@acme.example" in (await recruiter.open(PAGE)).text


REFUSED: Sequence[tuple[dict[str, str], str]] = [
    ({"address": "no address <b>"}, "must be one plain address"),
    ({"address": ""}, "at least 3 characters"),
    ({"told:match.proposed": ""}, "choose at least one"),
    ({"told:no.such": "daily"}, "must be among"),
    ({"told:match.proposed": "hourly"}, "immediate"),
    ({"hour": "24"}, "less than or equal to 23"),
    ({"hour": "noon"}, "choose one of the list"),
    ({"weekday": "someday"}, "monday"),
    ({"description": "x" * 201}, "at most 200 characters"),
]


async def test_what_is_refused_stays_typed(wiring: Wiring, recruiter: Browser) -> None:
    for changed, said in REFUSED:
        form = {"address": "jo@acme.example", "description": "Typed words", **TOLD} | changed
        answer = await recruiter.send(PAGE, **form)
        assert answer.status_code == 422 and said in answer.text and form["description"] in answer.text, changed
        assert 'class="error"' in answer.text and "error" in answer.text.split("<fieldset>")[0], changed
    async with wiring.store.reading() as session:
        assert (await session.exec(select(RecipientRow))).first() is None


async def test_nobody_is_added_twice(recruiter: Browser) -> None:
    await added(recruiter)
    await recruiter.open(NEW)
    again = await recruiter.send(PAGE, address="JO@acme.example", **TOLD)
    assert again.status_code == 409 and "has a recipient with this address" in again.text


async def test_a_form_sent_twice_asks_once(wiring: Wiring, recruiter: Browser) -> None:
    once = re.findall(r'name="once" value="([^"]+)"', (await recruiter.open(NEW)).text)[-1]
    sent = [await recruiter.send(PAGE, address="jo@acme.example", **TOLD, once=once) for _ in range(2)]
    assert [each.status_code for each in sent] == [303, 303] and sent[0].headers["location"] == sent[1].headers["location"]
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(MailMessageRow))).all()) == 1


async def test_what_is_told_is_changed_and_two_tabs_lose_nothing(wiring: Wiring, recruiter: Browser) -> None:
    path = await added(recruiter)
    version = str((await row_of(wiring, path)).version)
    weekly = TOLD | {"told:match.proposed": "weekly", "weekday": "friday", "version": version}
    assert (await recruiter.send(path, **weekly, description="First tab")).headers["location"] == f"{path}?done=saved"
    second = await recruiter.send(path, **weekly, description="Second tab")
    assert second.status_code == 412 and "Somebody else has changed" in second.text
    assert "First tab" in second.text and 'value="Second tab"' in second.text
    row = await row_of(wiring, path)
    assert (row.description, row.cadences, row.weekday) == ("First tab", {"match.proposed": "weekly"}, "friday")


async def test_a_test_is_sent_to_whoever_has_agreed(wiring: Wiring, recruiter: Browser) -> None:
    path = await added(recruiter)
    early = await recruiter.send(f"{path}/test")
    assert early.status_code == 409 and "before the recipient has agreed" in early.text
    asked = await recruiter.send(f"{path}/ask")
    assert asked.status_code == 409 and "still to be sent" in asked.text
    await agreed(wiring, path)
    assert "Send a test" in (await recruiter.open(path)).text
    assert (await recruiter.send(f"{path}/test")).headers["location"] == f"{path}?done=tested"
    page = (await recruiter.open(path)).text
    assert '<th scope="row">Test</th>' in page and "waiting" in page
    assert (await recruiter.send(f"{path}/ask")).status_code == 409


async def test_a_recipient_is_deleted_when_that_is_meant(wiring: Wiring, recruiter: Browser) -> None:
    path = await added(recruiter)
    version = str((await row_of(wiring, path)).version)
    assert (await recruiter.send(f"{path}/delete", version=version)).status_code == 422
    assert (await recruiter.send(f"{path}/delete", version="77", meant="yes")).status_code == 412
    gone = await recruiter.send(f"{path}/delete", version=version, meant="yes")
    assert gone.headers["location"] == f"{PAGE}?done=deleted" and (await recruiter.open(path)).status_code == 404
    async with wiring.store.reading() as session:
        by_people = (col(ActivityRow.actor).like("member:%"), col(ActivityRow.action).like("mail_%"))
        mine = select(ActivityRow.action).where(*by_people).order_by(col(ActivityRow.id))
        assert (await session.exec(mine)).all() == ["mail_recipient_added", "mail_recipient_deleted"]


async def test_a_reader_sees_who_is_told_and_changes_nothing(wiring: Wiring, recruiter: Browser, reader: Browser) -> None:
    path = await added(recruiter, address="private.person@acme.example")
    for each in (PAGE, path):
        text = (await reader.open(each)).text
        assert "…@acme.example" in text and "private.person" not in text and 'action="/notices' not in text
    assert (await reader.open(NEW)).status_code == 403
    await reader.open("/account")
    for each in (PAGE, path, f"{path}/test", f"{path}/ask", f"{path}/delete"):
        answer = await reader.send(each, address="x@y.example", meant="yes", version="1", **TOLD)
        assert answer.status_code == 403, each


async def test_another_organisations_recipients_are_absent(wiring: Wiring, recruiter: Browser, stranger: Browser) -> None:
    path = await added(recruiter, description="Secret plans")
    assert "Secret plans" not in (await stranger.open(PAGE)).text
    assert (await stranger.open(path)).status_code == 404
    await stranger.open(NEW)
    for each in (path, f"{path}/test", f"{path}/ask", f"{path}/delete"):
        assert (await stranger.send(each, meant="yes", version="1", **TOLD)).status_code == 404, each
    assert (await row_of(wiring, path)).version == 1


async def test_the_page_says_what_stands_in_the_way_of_mail(wiring: Wiring, recruiter: Browser) -> None:
    """Guards: somebody would wait for mail that never comes."""
    assert "notice warn" not in (await recruiter.open(PAGE)).text
    for problem, said in (("timeout", "has taken no messages since"), ("not_set_up", "no mail server so far")):
        async with wiring.store.transaction() as session:
            await keep_problem(session, problem, wiring.clock.now())
        for each in (PAGE, NEW):
            assert said in (await recruiter.open(each)).text


async def test_without_an_address_for_links_nobody_is_added(app: FastAPI, wiring: Wiring, recruiter: Browser) -> None:
    settings = wiring.settings.model_copy(update={"public_address": ""})
    app.state.wiring = replace(wiring, settings=settings)
    page = (await recruiter.open(PAGE)).text
    assert "the operators of this platform have not set it up" in page and f'href="{NEW}"' not in page
    await recruiter.open(NEW)
    answer = await recruiter.send(PAGE, address="typed@acme.example", **TOLD)
    assert answer.status_code == 409 and "sends no mail" in answer.text and "typed@acme.example" in answer.text
