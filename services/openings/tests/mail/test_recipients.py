"""An employer's recipients of mail: nobody is written to who has not agreed, and each employer sees its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.feed.repository import Entry
from makersync.mail.changing import MOST_RECIPIENTS, MOST_TESTS_AN_HOUR
from makersync.mail.states import MessageState, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.runtime.service import Context
from openings.entrypoints.mail_offer import MAIL
from services.openings.tests.conftest import Caller, MakeCaller
from services.openings.tests.events import Feed, Match
from shared.makersync.tests.mail.post_office import OK

from .conftest import Post, link, text_of

pytestmark = pytest.mark.usefixtures("catalog")
PATH = "/v1/mail-recipients"
TO = "hiring@acme.test"
TYPES = {"match.proposed": "immediate"}


@pytest.fixture(autouse=True)
def now(clock: ManualClock) -> None:
    """Databases have their own time."""
    clock.move_to(datetime.now(UTC))


async def created(caller: Caller, **wanted: Any) -> dict[str, Any]:
    answer = await caller.post(PATH, {"address": TO, "types": TYPES} | wanted)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(caller: Caller, status: int, **wanted: Any) -> str:
    answer = await caller.post(PATH, {"address": TO, "types": TYPES} | wanted)
    assert answer.status_code == status, answer.text
    return str(answer.json()["rule"])


async def test_a_person_agrees_and_is_told_of_a_candidate(acme: Caller, feed: Feed, opening_id: str, post: Post) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    assert (question["To"], question["Subject"]) == (TO, "Do you want mail from Makersync for emp_acme?")
    await feed.matches(Match(opening_id, "lrn_0").proposed(1))
    assert await post.goes_out() == []
    await post.confirms(question)
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    [notice] = await post.goes_out()
    title = (await acme.get(f"/v1/openings/{opening_id}")).json()["title"]
    assert notice["Subject"] == f"1 new candidate for {title}"
    assert "lrn_1" in text_of(notice) and "lrn_0" not in text_of(notice)
    shown = (await acme.get(path)).json()
    assert (shown["state"], shown["last_error"], shown["next_daily_at"]) == ("active", None, None)
    assert shown["last_sent_at"] and shown["confirmed_at"]
    messages = (await acme.get(f"{path}/messages")).json()["items"]
    assert [(each["kind"], each["state"], each["first"], each["last"]) for each in messages] == [
        ("immediate", "sent", 2, 2),
        ("confirmation", "sent", None, None),
    ]


async def test_a_recipient_is_changed_by_its_version_and_deleted(acme: Caller, context: Context) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    assert (await acme.get(path)).headers["ETag"] == '"1"'
    changed = await acme.change("PATCH", path, 1, {"types": {"match.withdrawn": "weekly"}, "hour": 18, "weekday": "friday"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"'), changed.text
    assert (changed.json()["types"], changed.json()["hour"]) == ({"match.withdrawn": "weekly"}, 18)
    assert (await acme.change("PATCH", path, 1, {"hour": 7})).status_code == 412
    assert (await acme.change("PATCH", path, 2, {"types": {"match.invented": "daily"}})).json()["rule"] == "unknown_entry_type"
    assert (await acme.change("PATCH", path, 2, {"address": "other@acme.test"})).status_code == 422
    assert (await acme.change("DELETE", path, 1)).status_code == 412
    assert (await acme.change("DELETE", path, 2)).status_code == 204
    assert (await acme.get(PATH)).json() == {"items": []}
    async with context.store.connection() as connection:
        for table in ("mail_recipient", "mail_message", "mail_invitation"):
            assert TO not in str((await connection.exec_driver_sql(f"SELECT * FROM {table}")).all())


async def test_a_repetition_makes_one_recipient_and_keeps_no_address(acme: Caller, context: Context) -> None:
    body = {"address": TO, "types": TYPES}
    first, again = [await acme.post(PATH, body, Idempotency_Key="k") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"address": None}
    async with context.store.connection() as connection:
        assert TO not in str((await connection.exec_driver_sql("SELECT * FROM idempotency")).all())


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test\r\nBcc: all@example.org",
        "a@b.test\nSubject: x",
        "a@b.test, c@d.test",
        "<a@b.test>",
        '"a b"@b.test',
        "a@[127.0.0.1]",
        "a@localhost",
        "a@b.test\0",
        "ä@b.test",
        "a@b..test",
        "@b.test",
        "a" * 65 + "@b.test",
    ],
)
async def test_what_is_no_plain_address_is_refused(acme: Caller, address: str) -> None:
    assert await refused(acme, 422, address=address) in ("mail_address", "control_character", "nul_character")


async def test_what_breaks_a_rule_is_refused(acme: Caller) -> None:
    assert await refused(acme, 422, types={"match.invented": "daily"}) == "unknown_entry_type"
    assert await refused(acme, 422, types={"match.proposed": "hourly"}) == "enum"
    assert await refused(acme, 422, hour=24) == "less_than_equal"
    await created(acme)
    assert await refused(acme, 409, address="HIRING@acme.test") == "recipient_exists"
    for number in range(MOST_RECIPIENTS - 1):
        await created(acme, address=f"person{number}@acme.test")
    assert await refused(acme, 409, address="one.more@acme.test") == "too_many_recipients"


async def test_nobody_is_asked_again_and_again(acme: Caller, post: Post) -> None:
    for _ in range(3):
        path = f"{PATH}/{(await created(acme))['id']}"
        assert (await acme.post(f"{path}/confirmation")).json()["rule"] == "mail_asked"
        await post.goes_out()
        await acme.change("DELETE", path, 1)
    assert await refused(acme, 429) == "mail_questions"


async def test_who_declines_is_not_asked_again(acme: Caller, bolt: Caller, post: Post) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    assert (await post.http.post(link(question, "unsubscribe"))).status_code == 200
    assert (await acme.get(path)).json()["state"] == "unsubscribed"
    assert (await acme.post(f"{path}/confirmation")).json()["rule"] == "mail_unsubscribed"
    await acme.change("DELETE", path, 2)
    assert await refused(acme, 409) == "mail_declined"
    await created(bolt)


async def test_other_employers_see_nothing_of_it(
    acme: Caller, bolt: Caller, operator: Caller, caller: MakeCaller, post: Post
) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    assert (await bolt.get(PATH)).json() == {"items": []}
    for answer in (
        await bolt.get(path),
        await bolt.get(f"{path}/messages"),
        await bolt.post(f"{path}/test"),
        await bolt.post(f"{path}/confirmation"),
        await bolt.change("PATCH", path, 1, {"hour": 3}),
        await bolt.change("DELETE", path, 1),
    ):
        assert answer.status_code == 404
    reader = await caller("emp_acme", ["openings:read"])
    assert (await reader.get(path)).status_code == 200
    assert (await reader.post(f"{path}/test")).status_code == 403
    for answer in (await operator.get(PATH), await operator.get(path), await operator.post(PATH, {"address": TO, "types": {}})):
        assert answer.status_code == 403


async def test_a_test_reaches_a_recipient_who_has_agreed(acme: Caller, post: Post) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    assert (await acme.post(f"{path}/test")).json()["rule"] == "mail_unconfirmed"
    [question] = await post.goes_out()
    await post.confirms(question)
    assert [(await acme.post(f"{path}/test")).status_code for _ in range(4)] == [202] * 3 + [429]
    assert [message["Subject"] for message in await post.goes_out()] == ["Test of mail from Makersync"] * 3


async def test_an_organisation_has_twenty_tests_made_within_an_hour(acme: Caller, bolt: Caller, context: Context) -> None:
    """Guards: whoever has many recipients could have the mail server taken for one that sends junk. Others go on."""
    recipients = [(await created(each))["id"] for each in (acme, bolt)]
    now = context.clock.now()
    async with context.store.transaction() as session:
        for row in await session.exec(select(RecipientRow)):
            row.state = RecipientState.ACTIVE
        for number in range(MOST_TESTS_AN_HOUR):
            at, sent = now - timedelta(minutes=30), MessageState.SENT
            made = {"recipient_id": recipients[0], "kind": "test", "cadences": {}, "next_at": at, "created_at": at}
            session.add(MailMessageRow(id=f"mml_{number}", state=sent, **made))
    refusal = await acme.post(f"{PATH}/{recipients[0]}/test")
    assert (refusal.status_code, refusal.json()["rule"]) == (429, "mail_tests")
    assert 1700 < int(refusal.headers["Retry-After"]) <= 1800
    assert (await bolt.post(f"{PATH}/{recipients[1]}/test")).status_code == 202
    async with context.store.transaction() as session:
        (await session.get_one(MailMessageRow, "mml_0")).created_at = now - timedelta(minutes=61)
    assert (await acme.post(f"{PATH}/{recipients[0]}/test")).status_code == 202


async def test_choices_while_the_server_is_away_wait_in_one_message_of_a_kind(
    acme: Caller, feed: Feed, opening_id: str, post: Post, context: Context
) -> None:
    """Guards: each choice made another message, and all of them arrived together. What happens is told once, as it was chosen
    when it happened."""
    path = f"{PATH}/{(await created(acme, types={'match.proposed': 'daily'}))['id']}"
    [question] = await post.goes_out()
    await post.confirms(question)
    post.office.mail = "451 4.3.0 Later"
    choices = (
        {"match.proposed": "weekly"},
        {"match.proposed": "daily"},
        {"match.proposed": "daily", "match.revised": "daily"},
        {},
    )
    for number, types in enumerate(choices):
        await feed.matches(Match(opening_id, f"lrn_{number}").proposed(1))
        assert await post.goes_out() == []
        assert (await acme.change("PATCH", path, number + 2, {"types": types})).status_code == 200
    waiting = [each for each in (await acme.get(f"{path}/messages")).json()["items"] if each["state"] == "pending"]
    assert sorted((each["kind"], each["first"], each["last"]) for each in waiting) == [("daily", 1, 4), ("weekly", 2, 2)]
    post.office.mail = OK
    async with context.store.transaction() as session:
        for row in await session.exec(select(MailMessageRow)):
            row.next_at = row.created_at
    texts = sorted(map(text_of, await post.goes_out()), key=lambda text: "weekly" in text)
    told = [[number for number in range(4) if f"lrn_{number}" in text] for text in texts]
    assert told == [[0, 2, 3], [1]]


async def test_another_choice_sends_what_was_gathered(acme: Caller, feed: Feed, opening_id: str, post: Post) -> None:
    path = f"{PATH}/{(await created(acme, types={'match.proposed': 'daily'}))['id']}"
    [question] = await post.goes_out()
    await post.confirms(question)
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    assert await post.goes_out() == []
    shown = (await acme.get(path)).json()
    due = datetime.fromisoformat(shown["next_daily_at"])
    assert due.hour == 7 and timedelta() < due - datetime.now(UTC) <= timedelta(days=1)
    await acme.change("PATCH", path, 2, {"types": {"match.proposed": "immediate"}})
    [digest] = await post.goes_out()
    assert "daily digest" in text_of(digest) and "lrn_1" in text_of(digest)
    await feed.matches(Match(opening_id, "lrn_2").proposed(1))
    [notice] = await post.goes_out()
    assert "lrn_2" in text_of(notice) and "lrn_1" not in text_of(notice)


async def test_every_type_of_the_feed_has_its_words() -> None:
    assert set(MAIL.wordings) == set(MAIL.types)
    for name in MAIL.types:
        mention = MAIL.mention_of(Entry(1, name, "opn_1/lrn_1", datetime.now(UTC), {}))
        assert mention.section and mention.item
