"""What recipients get: notices and digests, each change once, and nothing where nothing is left to say."""

import asyncio

from .conftest import MATCH, SITE, Desk, send_all
from .post_office import PostOffice


async def test_a_notice_tells_what_has_happened_in_both_forms(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.proposes("opn_cnc/lrn_1", "opn_cnc/lrn_2", "opn_cnc/lrn_3")
    assert await send_all(desk.sender()) == 1
    [(to, message)] = office.taken
    assert (to, message["To"], message["From"]) == (
        "person1@people.test",
        "person1@people.test",
        "Makersync <makersync@makersync.test>",
    )
    assert message["Subject"] == "3 new candidates for CNC"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for form in (text, html):
        assert "3 new candidates: lrn_1, lrn_2, lrn_3" in form and f"{SITE}/mail/unsubscribe/" in form and "Acme" in form
    assert "src=" not in html and "<script" not in html and "url(" not in html
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith(f"<{SITE}/mail/unsubscribe/") and message["List-Unsubscribe"].endswith(">")
    [row] = await desk.messages()
    assert message["Message-ID"] == f"<{row.id}@makersync.test>"
    assert (row.state, row.attempts, row.outcome) == ("sent", 1, "sent")
    assert (await desk.state()).last_sent_at is not None


async def test_what_happens_within_five_minutes_is_one_notice(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    sender = desk.sender()
    assert await send_all(sender) == 1
    await desk.proposes("opn_a/lrn_2")
    await desk.proposes("opn_b/lrn_3")
    assert await send_all(sender) == 0
    await desk.age(minutes=5)
    assert await send_all(sender) == 1
    assert office.subjects == ["1 new candidate for A", "2 new candidates"]


async def test_a_digest_tells_what_all_changes_came_to(desk: Desk, office: PostOffice) -> None:
    await desk.recipient(dict.fromkeys(MATCH, "daily"))
    await desk.proposes("opn_a/lrn_old")
    await desk.age(days=1)
    sender = desk.sender()
    assert await send_all(sender) == 1
    office.taken.clear()
    proposed, revised, withdrawn = MATCH
    await desk.happens((proposed, "opn_a/lrn_gone"), (proposed, "opn_a/lrn_new"), (revised, "opn_a/lrn_new"))
    await desk.happens((withdrawn, "opn_a/lrn_gone"), (revised, "opn_a/lrn_old"), (withdrawn, "opn_a/lrn_old"))
    assert await send_all(sender) == 0
    await desk.age(days=1)
    assert await send_all(sender) == 1
    [(_, message)] = office.taken
    assert message["Subject"] == "1 new candidate for A and 1 other change"
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "1 new candidate: lrn_new" in text and "1 candidate gone: lrn_old" in text and "lrn_gone" not in text


async def test_no_digest_comes_where_nothing_is_left_to_say(desk: Desk, office: PostOffice) -> None:
    await desk.recipient(dict.fromkeys(MATCH, "weekly"))
    proposed, _, withdrawn = MATCH
    await desk.happens((proposed, "opn_a/lrn_1"), (withdrawn, "opn_a/lrn_1"))
    await desk.age(days=7)
    assert await send_all(desk.sender()) == 0
    assert office.taken == [] and await desk.messages() == []
    assert (await desk.state()).weekly_cursor == 2


async def test_what_another_mail_has_told_is_not_taken_back_by_silence(desk: Desk, office: PostOffice) -> None:
    await desk.recipient({"match.proposed": "immediate", "match.withdrawn": "daily"})
    sender = desk.sender()
    await desk.proposes("opn_a/lrn_1")
    await send_all(sender)
    await desk.happens(("match.withdrawn", "opn_a/lrn_1"))
    await desk.age(days=1)
    await send_all(sender)
    assert office.subjects == ["1 new candidate for A", "1 candidate gone for A"]


async def test_types_that_were_not_chosen_are_not_told(desk: Desk, office: PostOffice) -> None:
    await desk.recipient({"webhook.paused": "immediate"})
    await desk.proposes("opn_a/lrn_1")
    assert await send_all(desk.sender()) == 0
    await desk.happens(("webhook.paused", "whk_1"))
    await send_all(desk.sender())
    assert office.subjects == ["1 webhook paused"]


async def test_a_long_digest_is_bounded_and_counts_what_it_leaves_out(desk: Desk, office: PostOffice) -> None:
    await desk.recipient({"match.proposed": "daily"})
    await desk.proposes(*(f"opn_{n % 40}/lrn_{n}" for n in range(1200)))
    await desk.age(days=1)
    await send_all(desk.sender())
    [(_, message)] = office.taken
    assert message["Subject"] == "1,200 new candidates"
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.count("new candidates:") == 25 and "and 20 more" in text and "about 15 more" in text


async def test_nobody_is_told_before_agreeing_or_after_unsubscribing(desk: Desk, office: PostOffice) -> None:
    for state in ("unconfirmed", "unsubscribed", "disabled"):
        await desk.recipient(state=state)
    await desk.proposes("opn_a/lrn_1")
    await desk.age(days=8)
    assert await send_all(desk.sender()) == 0 and office.tried == []


async def test_each_organisation_is_told_of_its_own(desk: Desk, office: PostOffice) -> None:
    await desk.recipient()
    await desk.recipient(organisation_id="emp_bolt")
    await desk.proposes("opn_a/lrn_1")
    await desk.proposes("opn_b/lrn_2", organisation_id="emp_bolt")
    await send_all(desk.sender())
    assert sorted((to, message["Subject"]) for to, message in office.taken) == [
        ("person1@people.test", "1 new candidate for A"),
        ("person2@people.test", "1 new candidate for B"),
    ]


async def test_several_senders_send_each_message_once(desk: Desk, office: PostOffice) -> None:
    for _ in range(12):
        await desk.recipient()
    await desk.proposes("opn_a/lrn_1")
    await asyncio.gather(*(send_all(desk.sender(f"sender-{n}")) for n in range(4)))
    assert sorted(to for to, _ in office.taken) == sorted(f"person{n}@people.test" for n in range(1, 13))
