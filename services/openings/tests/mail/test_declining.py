"""Whoever was asked can decline, whatever the organisation has done with the recipient since, and is then left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.mail.forgetting import forgetting_mail
from makersync.mail.states import RecipientState
from makersync.mail.tables import RecipientRow
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller

from .conftest import Post, link
from .test_recipients import PATH, created, refused


@pytest.fixture(autouse=True)
def now(clock: ManualClock) -> None:
    clock.move_to(datetime.now(UTC))


async def test_a_person_declines_although_the_recipient_is_deleted(acme: Caller, bolt: Caller, post: Post) -> None:
    """Guards: an organisation that deletes and asks again would never hear a no. Other organisations may still ask."""
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    await acme.change("DELETE", path, 1)
    address = link(question, "unsubscribe")
    for method in ("GET", "POST", "POST"):
        assert (await post.http.request(method, address)).status_code == 200
    assert await refused(acme, 409) == "mail_declined"
    await created(bolt)
    assert (await post.http.post(link(question, "confirm"))).status_code == 404


async def test_opening_the_link_of_a_deleted_recipient_changes_nothing(acme: Caller, post: Post) -> None:
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    await acme.change("DELETE", path, 1)
    assert (await post.http.get(link(question, "unsubscribe"))).status_code == 200
    await created(acme)


async def test_a_no_counts_for_ninety_days_after_the_question(
    acme: Caller, post: Post, context: Context, clock: ManualClock
) -> None:
    """Guards: the recipient who never answered is deleted after thirty days, and the mail with the link is still there."""
    await created(acme)
    [question] = await post.goes_out()
    sweep = forgetting_mail(context.store, clock, 30)
    clock.move_to(clock.now() + timedelta(days=31))
    await sweep()
    assert (await acme.get(PATH)).json()["items"] == []
    assert (await post.http.get(link(question, "unsubscribe"))).status_code == 200
    clock.move_to(clock.now() + timedelta(days=60))
    await sweep()
    assert (await post.http.post(link(question, "unsubscribe"))).status_code == 404


async def test_who_agreed_and_was_deleted_may_be_asked_again(acme: Caller, post: Post) -> None:
    """The link of a question that was answered declines nothing."""
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    await post.confirms(question)
    await acme.change("DELETE", path, 2)
    assert (await post.http.post(link(question, "unsubscribe"))).status_code == 404
    await created(acme)


async def test_a_no_to_a_question_that_was_asked_again_counts(acme: Caller, post: Post, context: Context) -> None:
    """Guards: of a recipient that was disabled and asked again, the no was taken for an unsubscription."""
    path = f"{PATH}/{(await created(acme))['id']}"
    [question] = await post.goes_out()
    await post.confirms(question)
    async with context.store.transaction() as session:
        (await session.exec(select(RecipientRow))).one().state = RecipientState.DISABLED
    assert (await acme.post(f"{path}/confirmation")).status_code == 202
    [again] = await post.goes_out()
    assert (await post.http.post(link(again, "unsubscribe"))).status_code == 200
    await acme.change("DELETE", path, (await acme.get(path)).headers["ETag"].strip('"'))
    assert await refused(acme, 409) == "mail_declined"


async def test_a_question_that_is_sent_under_another_pepper_can_be_declined(acme: Caller, post: Post, context: Context) -> None:
    """Guards: its links are new, and are found by new hashes."""
    path = f"{PATH}/{(await created(acme))['id']}"
    async with context.store.transaction() as session:
        row = (await session.exec(select(RecipientRow))).one()
        row.unsubscribe_sealed = b"sealed under another pepper"
    [question] = await post.goes_out()
    await acme.change("DELETE", path, 1)
    assert (await post.http.post(link(question, "unsubscribe"))).status_code == 200
    assert await refused(acme, 409) == "mail_declined"
