"""A form that makes a key, sent twice: it makes one, and says so the second time, since the first answer may have shown it."""

import asyncio
import re

import pytest
from sqlmodel import select

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from makersync.store.tables import ApiKeyRow, IdempotencyRow
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")
PAGE = "/organisations/emp_acme"
TOKEN = re.compile(r"mks_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")


@pytest.fixture
async def visitor(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, role="operator", whose=OPERATORS)


async def form_of(visitor: Browser, **changed: str) -> dict[str, str]:
    found = re.findall(r'name="once" value="([^"]+)"', (await visitor.open(PAGE)).text)
    return {"present": PASSWORD, "key_name": "ATS", "scope": "openings:read", "once": found[-1]} | changed


async def named(wiring: Wiring, name: str) -> int:
    async with wiring.store.reading() as session:
        return len((await session.exec(select(ApiKeyRow).where(ApiKeyRow.name == name))).all())


async def test_a_key_form_sent_twice_makes_one_key_and_says_so(wiring: Wiring, visitor: Browser) -> None:
    """Guards: a double click would make two keys, the first of which was shown to nobody."""
    form = await form_of(visitor)
    first, again = [await visitor.send(f"{PAGE}/keys", **form) for _ in range(2)]
    assert first.status_code == 200 and len(TOKEN.findall(first.text)) == 1
    assert again.status_code == 409 and "done already" in again.text and "revoke it and make another" in again.text
    assert TOKEN.findall(again.text) == [] and await named(wiring, "ATS") == 1
    assert (await visitor.send(f"{PAGE}/keys", **await form_of(visitor))).status_code == 200, "another form is another act"
    assert await named(wiring, "ATS") == 2


async def test_at_the_same_moment_too(wiring: Wiring, visitor: Browser) -> None:
    form = await form_of(visitor)
    answers = await asyncio.gather(*(visitor.send(f"{PAGE}/keys", **form) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [200, 409]
    assert await named(wiring, "ATS") == 1


async def test_the_token_is_kept_nowhere(wiring: Wiring, visitor: Browser) -> None:
    form = await form_of(visitor)
    [token] = TOKEN.findall((await visitor.send(f"{PAGE}/keys", **form)).text)
    async with wiring.store.reading() as session:
        kept = (await session.exec(select(IdempotencyRow))).all()
    assert [(row.status, row.body) for row in kept] == [(200, b"")]
    assert token not in str([row.model_dump() for row in kept])


async def test_a_form_that_was_refused_is_sent_again(wiring: Wiring, visitor: Browser) -> None:
    form = await form_of(visitor, present="wrong words here")
    assert (await visitor.send(f"{PAGE}/keys", **form)).status_code == 422
    assert (await visitor.send(f"{PAGE}/keys", **(form | {"present": PASSWORD}))).status_code == 200
    assert await named(wiring, "ATS") == 1
