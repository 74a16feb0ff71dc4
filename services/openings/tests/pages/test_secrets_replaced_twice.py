"""The form that replaces a webhook's secret, sent from two tabs or by a double click: the receiver's secret goes on signing."""

import asyncio
import re

import pytest
from sqlmodel import col, select

from makersync.delivery.repository import valid_secrets
from makersync.delivery.tables import WebhookSecretRow
from makersync.http.wiring import Wiring
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined
from .test_webhooks_on_pages import NEW, SECRET, made


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser, acme: Caller) -> Browser:
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    await visitor.open(NEW)
    return visitor


async def form_of(admin: Browser, path: str, **changed: str) -> dict[str, str]:
    """What the form sends, as it was loaded."""
    text = (await admin.open(f"{path}/settings")).text.partition(f'{path}/settings/secret"')[2]
    found = {name: re.findall(rf'name="{name}" value="([^"]+)"', text)[0] for name in ("once", "version")}
    return found | {"present": PASSWORD, "grace_seconds": "3600"} | changed


async def signing(wiring: Wiring, path: str) -> list[int | None]:
    """The secrets with which messages are signed, the newest first."""
    async with wiring.store.reading() as session:
        return [row.id for row in await valid_secrets(session, wiring.clock, [path.rpartition("/")[2]])]


async def test_two_tabs_replace_it_once_and_the_second_says_so(wiring: Wiring, admin: Browser) -> None:
    """Guards: the second tab would end the secret that the receiver has, and the first tab would show one of the past."""
    path = await made(admin)
    [first] = await signing(wiring, path)
    one, other = await form_of(admin, path), await form_of(admin, path)
    shown = await admin.send(f"{path}/settings/secret", **one)
    late = await admin.send(f"{path}/settings/secret", **other)
    assert shown.status_code == 200 and len(SECRET.findall(shown.text)) == 1
    assert late.status_code == 412 and "Nothing was replaced now" in late.text and not SECRET.findall(late.text)
    assert "made <time" in late.text and 'value="2"' in late.text, "the form that comes again is of the present state"
    [_, kept] = await signing(wiring, path)
    assert kept == first


async def test_a_double_click_replaces_it_once_and_says_so(wiring: Wiring, admin: Browser) -> None:
    path = await made(admin)
    form = await form_of(admin, path)
    answers = await asyncio.gather(*(admin.send(f"{path}/settings/secret", **form) for _ in range(2)))
    first, again = sorted(answers, key=lambda each: each.status_code)
    assert (first.status_code, again.status_code) == (200, 409)
    assert len(SECRET.findall(first.text)) == 1 and not SECRET.findall(again.text)
    assert "sent twice: it was replaced once" in again.text and "replace it once more" in again.text
    assert len(await signing(wiring, path)) == 2


async def test_whoever_has_not_seen_the_new_one_replaces_it_again_and_no_message_is_refused(
    wiring: Wiring, admin: Browser
) -> None:
    """Guards: the secret that the receiver has would end with the second replacement, hours before it was to."""
    path = await made(admin)
    [first] = await signing(wiring, path)
    for _ in range(2):
        assert (await admin.send(f"{path}/settings/secret", **await form_of(admin, path))).status_code == 200
    assert first in await signing(wiring, path) and len(await signing(wiring, path)) == 3
    await admin.send(f"{path}/settings/secret", **await form_of(admin, path, grace_seconds="0"))
    assert len(await signing(wiring, path)) == 1, "a secret that is known to others ends at once, and so do those before"


async def test_no_more_than_four_that_were_replaced_still_sign(wiring: Wiring, admin: Browser) -> None:
    """Guards: a header that grows with each replacement until receivers refuse it."""
    path = await made(admin)
    for _ in range(6):
        assert (await admin.send(f"{path}/settings/secret", **await form_of(admin, path))).status_code == 200
    assert len(await signing(wiring, path)) == 5
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(col(WebhookSecretRow.id)))).all()) == 5
