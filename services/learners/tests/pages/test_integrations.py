"""A training provider's people look after keys, webhooks and mail on pages of the kit, whose acts the employers' tests have."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from learners.entrypoints.integrations_offer import INTEGRATIONS_OFFER
from learners.entrypoints.members_offer import ROLES
from makersync.http.wiring import Wiring
from services.learners.tests.conftest import Caller, MakeCaller
from tests.visiting.browser import PASSWORD, Browser, visiting

from .conftest import joined

TOKEN = re.compile(r"mks_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")
URL = "https://sis.york.example/hooks/s3cret"


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    """The service has an address for the links of its mail."""
    return replace(wiring, settings=wiring.settings.model_copy(update={"public_address": "https://pages.example"}))


@pytest.fixture
async def admin(app: FastAPI, wiring: Wiring, york: Caller) -> AsyncIterator[Browser]:
    async with visiting(app) as own:
        visitor = await joined(wiring, own, address="ada@york.example", role="admin")
        await visitor.open("/integrations/keys")
        yield visitor


def test_an_administrator_may_do_whatever_a_key_may() -> None:
    """Guards: a scope that is offered on the page, and that nobody who sees the page could give."""
    assert set(INTEGRATIONS_OFFER.scopes) <= ROLES["admin"]
    assert set(INTEGRATIONS_OFFER.usual_notices) <= set(INTEGRATIONS_OFFER.words) == set(INTEGRATIONS_OFFER.webhooks.types)


async def test_an_administrator_makes_a_key_that_works(admin: Browser, caller: MakeCaller) -> None:
    form = {"present": PASSWORD, "name": "Student information system", "scopes": "learners:read"}
    [token] = TOKEN.findall((await admin.send("/integrations/keys", **form)).text)
    holder = replace(await caller(None, []), headers={"Authorization": f"Bearer {token}"})
    assert (await holder.get("/v1/learners")).status_code == 200


async def test_an_instructor_sees_webhooks_and_says_who_is_told(admin: Browser, instructor: Browser) -> None:
    made = await admin.send("/integrations/webhooks", present=PASSWORD, url=URL, every="yes")
    assert made.status_code == 200
    listed = (await instructor.open("/integrations/webhooks")).text
    assert "https://sis.york.example/…" in listed and "s3cret" not in listed
    assert (await instructor.open("/integrations/keys")).status_code == 403
    await instructor.open("/notices/new")
    told = {"address": "jo@york.example", "told:signal.raised": "weekly", "hour": "7", "weekday": "monday"}
    asked = await instructor.send("/notices", **told)
    assert asked.status_code == 303 and "New or worse shortages" in (await instructor.open(asked.headers["location"])).text


async def test_another_provider_sees_none_of_it(admin: Browser, stranger: Browser) -> None:
    made = await admin.send("/integrations/webhooks", present=PASSWORD, url=URL, every="yes")
    assert made.status_code == 200
    [path] = set(re.findall(r"/integrations/webhooks/whk_[0-9a-z]+", made.text))
    assert (await stranger.open(path)).status_code == 404
    assert "sis.york" not in (await stranger.open("/integrations/webhooks")).text
