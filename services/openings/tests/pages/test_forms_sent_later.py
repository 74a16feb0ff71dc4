"""The way back in a browser shows a form that was sent before. It acts as it says, or is refused: no old answer is repeated."""

import re
from datetime import timedelta

import pytest

from makersync.clock import ManualClock
from makersync.delivery.tables import WebhookRow
from makersync.http.wiring import Wiring
from makersync.members.tables import MemberRow
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")
PAGE = "/integrations/webhooks"
MOMENT = timedelta(seconds=5)
LATER = timedelta(minutes=2)


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    await visitor.open("/members")
    return visitor


async def form_of(visitor: Browser, page: str, action: str) -> dict[str, str]:
    """What the hidden fields of a form hold."""
    text = (await visitor.open(page)).text
    form = text.split(f'action="{action}"')[1].split("</form>")[0]
    return {name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form) if name != "form_token"}


async def webhook_of(admin: Browser) -> str:
    answer = await admin.send(PAGE, present=PASSWORD, url="https://ats.example.org/hooks", every="yes")
    path = re.search(rf"{PAGE}/whk_[0-9a-z]+", answer.text)
    assert path is not None
    return path[0]


async def state_of(wiring: Wiring, path: str) -> str:
    async with wiring.store.reading() as session:
        return (await session.get_one(WebhookRow, path.rpartition("/")[2])).state


async def role_of(wiring: Wiring, member_id: str) -> str:
    async with wiring.store.reading() as session:
        return (await session.get_one(MemberRow, member_id)).role


@pytest.mark.parametrize("pause", [MOMENT, LATER])
async def test_a_webhook_that_was_resumed_is_not_said_to_be_suspended(
    wiring: Wiring, admin: Browser, clock: ManualClock, pause: timedelta
) -> None:
    path = await webhook_of(admin)
    suspending = await form_of(admin, path, f"{path}/suspend")
    assert (await admin.send(f"{path}/suspend", **suspending)).status_code == 303
    clock.move_to(clock.now() + pause)
    resuming = await form_of(admin, path, f"{path}/resume")
    assert (await admin.send(f"{path}/resume", **resuming)).status_code == 303
    again = await admin.send(f"{path}/suspend", **suspending)
    assert again.status_code == 412 and "nothing was done" in again.text and "active" in again.text
    assert await state_of(wiring, path) == "active"
    anew = await form_of(admin, path, f"{path}/suspend")
    assert (await admin.send(f"{path}/suspend", **anew)).status_code == 303
    assert await state_of(wiring, path) == "disabled"


async def test_a_double_click_suspends_once_and_is_answered_the_same(wiring: Wiring, admin: Browser) -> None:
    path = await webhook_of(admin)
    suspending = await form_of(admin, path, f"{path}/suspend")
    answers = [await admin.send(f"{path}/suspend", **suspending) for _ in range(2)]
    assert [each.headers["location"] for each in answers] == [f"{path}?done=suspended"] * 2


async def test_what_another_administrator_has_undone_is_refused_after_a_minute(
    wiring: Wiring, admin: Browser, other_browser: Browser, clock: ManualClock
) -> None:
    """Guards: nothing else was sent by the visitor whose form comes again."""
    path = await webhook_of(admin)
    suspending = await form_of(admin, path, f"{path}/suspend")
    await admin.send(f"{path}/suspend", **suspending)
    other = await joined(wiring, other_browser, address="jo@acme.example", role="admin")
    await other.send(f"{path}/resume", **await form_of(other, path, f"{path}/resume"))
    clock.move_to(clock.now() + LATER)
    assert (await admin.send(f"{path}/suspend", **suspending)).status_code == 412
    assert await state_of(wiring, path) == "active"


async def test_a_role_that_was_changed_meanwhile_is_not_said_to_be_changed(
    wiring: Wiring, admin: Browser, other_browser: Browser, clock: ManualClock
) -> None:
    """Guards: a person who is still an administrator was said to be a reader."""
    await joined(wiring, other_browser, address="jo@acme.example", role="admin")
    members = (await admin.open("/members")).text
    [jo] = [each for each in re.findall(r"/members/(\w+)/role", members) if await role_of_jo(wiring, each)]
    action = f"/members/{jo}/role"
    first = await form_of(admin, "/members", action)
    assert first["shown_role"] == "admin"
    await admin.send(action, **first, role="reader", present=PASSWORD)
    clock.move_to(clock.now() + MOMENT)
    second = await form_of(admin, "/members", action)
    await admin.send(action, **second, role="admin", present=PASSWORD)
    clock.move_to(clock.now() + MOMENT)
    assert (await admin.send(action, **first, role="reader", present=PASSWORD)).headers["location"] == "/members?done=role"
    assert await role_of(wiring, jo) == "reader", "the form was sent again, and it acts again"
    stale = await admin.send(action, **(second | {"once": "another", "shown_role": "admin"}), role="admin", present=PASSWORD)
    assert stale.status_code == 412 and "it was admin, and is reader now" in stale.text
    assert await role_of(wiring, jo) == "reader"


async def role_of_jo(wiring: Wiring, member_id: str) -> bool:
    async with wiring.store.reading() as session:
        return (await session.get_one(MemberRow, member_id)).address.startswith("jo@")


async def test_pages_that_a_browser_kept_load_again(admin: Browser) -> None:
    page = (await admin.open("/members")).text
    path = re.search(r"/static/\w+/shown-again\.js", page)
    assert path is not None and "event.persisted" in (await admin.open(path[0])).text
