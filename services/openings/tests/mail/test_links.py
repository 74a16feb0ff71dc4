"""The links of mails: opening one changes nothing, pressing the button does, and a token works for its own recipient alone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.mail.forgetting import forgetting_mail
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.runtime.service import Context
from openings.adapters.opening_tables import OpeningRow
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed, Match

from .conftest import Post, link, text_of
from .test_recipients import PATH, TO, created

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture(autouse=True)
def now(clock: ManualClock) -> None:
    clock.move_to(datetime.now(UTC))


async def test_a_scanner_that_opens_the_links_changes_nothing(acme: Caller, post: Post) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    for method in ("GET", "HEAD"):
        for kind in ("confirm", "unsubscribe"):
            answer = await post.http.request(method, link(question, kind))
            assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
            assert TO not in answer.text and answer.headers["Referrer-Policy"] == "no-referrer"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (await acme.get(path)).json()["state"] == "unconfirmed"
    await post.confirms(question)
    await post.http.get(link(question, "unsubscribe"))
    assert (await acme.get(path)).json()["state"] == "active"


@pytest.mark.parametrize("form", ["urlencoded", "multipart", "empty"])
async def test_one_click_unsubscribes_at_once_and_without_a_key(
    acme: Caller, feed: Feed, opening_id: str, post: Post, form: str
) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    await post.confirms(question)
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    [notice] = await post.goes_out()
    address = str(notice["List-Unsubscribe"]).strip("<>")
    assert address.endswith(link(notice, "unsubscribe"))
    click = {"List-Unsubscribe": "One-Click"}
    options = {"urlencoded": {"data": click}, "multipart": {"files": {name: (None, value) for name, value in click.items()}}}
    for _ in range(2):
        assert (await post.http.post(address, **options.get(form, {}))).status_code == 200  # type: ignore[arg-type]
    shown = (await acme.get(path)).json()
    assert (shown["state"], shown["reason"]) == ("unsubscribed", "unsubscribed")
    await feed.matches(Match(opening_id, "lrn_2").proposed(1))
    assert await post.goes_out() == []
    entries = (await acme.get("/v1/feed", types="mail.stopped")).json()["entries"]
    assert [entry["data"] for entry in entries] == [{"recipient_id": shown["id"], "reason": "unsubscribed"}]


async def test_forged_used_and_swapped_tokens_are_refused_alike(acme: Caller, post: Post) -> None:
    await created(acme)
    [question] = await post.goes_out()
    confirm, unsubscribe = link(question, "confirm"), link(question, "unsubscribe")
    swapped = [confirm.replace("confirm", "unsubscribe"), unsubscribe.replace("unsubscribe", "confirm")]
    forged = [f"{confirm}x", confirm[:-1], "/mail/confirm/x", "/mail/unsubscribe/" + "a" * 5000]
    await post.confirms(question)
    told = set()
    for address in (*swapped, *forged, confirm):
        for method in ("GET", "POST"):
            answer = await post.http.request(method, address)
            assert answer.status_code == 404, address
            told.add(answer.text)
    assert len(told) == 1
    assert (await acme.get(PATH)).json()["items"][0]["state"] == "active"


async def test_a_question_is_answered_within_seven_days_or_asked_again(acme: Caller, post: Post, context: Context) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    async with context.store.transaction() as session:
        row = (await session.exec(select(RecipientRow))).one()
        assert row.confirm_until is not None
        row.confirm_until -= timedelta(days=7, seconds=1)
    assert (await post.http.post(link(question, "confirm"))).status_code == 404
    assert (await acme.post(f"{path}/confirmation")).status_code == 202
    [second] = await post.goes_out()
    await post.confirms(second)
    assert (await acme.post(f"{path}/confirmation")).json()["rule"] == "mail_confirmed"


async def test_no_token_and_no_address_is_logged_or_readable_in_the_database(
    acme: Caller, post: Post, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    await created(acme)
    [question] = await post.goes_out()
    tokens = [link(question, kind).rpartition("/")[2] for kind in ("confirm", "unsubscribe")]
    await post.confirms(question)
    async with context.store.connection() as connection:
        tables = ("mail_recipient", "mail_message", "mail_invitation", "idempotency", "feed_entry", "outbox")
        kept = [str((await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()) for table in tables]
    logged = capsys.readouterr()
    for token in tokens:
        assert token not in "".join(kept) and token not in logged.out + logged.err
    assert TO not in "".join(kept[1:]) and TO not in logged.out + logged.err


async def test_whoever_never_answers_is_deleted(acme: Caller, context: Context, clock: ManualClock) -> None:
    await created(acme)
    sweep = forgetting_mail(context.store, clock, 30)
    await sweep()
    assert len((await acme.get(PATH)).json()["items"]) == 1
    clock.move_to(clock.now() + timedelta(days=31))
    await sweep()
    assert (await acme.get(PATH)).json()["items"] == []
    async with context.store.reading() as session:
        assert (await session.exec(select(MailMessageRow))).all() == []


async def test_an_opening_title_cannot_begin_a_header(
    acme: Caller, feed: Feed, opening_id: str, post: Post, context: Context
) -> None:
    """Titles are one line by the rules of the API; mail does not rely on it."""
    await created(acme)
    [question] = await post.goes_out()
    await post.confirms(question)
    async with context.store.transaction() as session:
        (await session.get_one(OpeningRow, opening_id)).title = "<b>CNC</b>\r\nBcc: all@example.org\r\n\r\nBody"
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    [notice] = await post.goes_out()
    assert notice["Bcc"] is None and notice["Subject"].endswith("<b>CNC</b> Bcc: all@example.org Body")
    html = notice.get_body(("html",))
    assert html is not None and "<b>" not in html.get_content() and "lrn_1" in text_of(notice)
