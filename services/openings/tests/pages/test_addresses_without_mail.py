"""Where the service sends no mail, nobody can verify an address or take another one, and the page says what to do instead."""

import pytest

from makersync.http.wiring import Wiring
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")


async def test_nothing_is_offered_that_nobody_would_mail(wiring: Wiring, browser: Browser) -> None:
    member = await joined(wiring, browser)
    page = (await member.open("/account")).text
    assert "this service sends no mail" in page and "/account/address" not in page
    for path in ("address/verify", "address"):
        answer = await member.send(f"/account/{path}", present=PASSWORD, address="jo@new.example")
        assert answer.status_code == 409 and "sends no mail" in answer.text


async def test_an_account_can_be_deleted_all_the_same(wiring: Wiring, browser: Browser) -> None:
    member = await joined(wiring, browser)
    await member.open("/account")
    assert (await member.send("/account/leave", present=PASSWORD)).status_code == 303
    assert (await member.open("/account")).status_code == 303
