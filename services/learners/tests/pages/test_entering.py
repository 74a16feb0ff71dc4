"""Who gets to the pages of a training provider: its members, and visitors of a demo."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from learners.bootstrap import definition
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from services.learners.tests.conftest import Caller
from tests.servers.applications import application
from tests.visiting.browser import PASSWORD, Browser, visiting

SECRET = "a secret of one run"


@pytest.mark.parametrize("role", ["admin", "instructor", "reader"])
async def test_whoever_an_operator_invites_joins_and_sees_the_provider_s_pages(
    operator: Caller, york: Caller, browser: Browser, role: str
) -> None:
    body = {"address": "jo@york.example", "role": role}
    invited = await operator.post("/v1/providers/prv_york/member-invitations", body, Idempotency_Key="one")
    assert invited.status_code == 201, invited.text
    path = invited.json()["path"]
    assert "prv_york" in (await browser.open(path)).text
    joined = await browser.send(path, name="Jo Miller", password=PASSWORD)
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert (await browser.open("/")).headers["location"] == "/learners"
    page = await browser.open("/learners")
    assert page.status_code == 200 and "Jo Miller" in page.text and "no learners yet" in page.text


async def test_a_recruiter_is_no_role_of_a_provider(operator: Caller, york: Caller) -> None:
    body = {"address": "jo@york.example", "role": "recruiter"}
    answer = await operator.post("/v1/providers/prv_york/member-invitations", body, Idempotency_Key="one")
    assert answer.status_code == 422


async def test_whoever_is_not_signed_in_is_led_to_sign_in(browser: Browser) -> None:
    assert (await browser.open("/learners")).headers["location"] == "/sign-in?next=%2Flearners"


async def test_the_demo_s_link_signs_a_visitor_in_for_the_provider(context: Context, wiring: Wiring, york: Caller) -> None:
    settings = context.settings.model_copy(update={"demo_entrance": SecretStr(SECRET)})
    app = application(definition(), replace(context, settings=settings), wiring)
    async with visiting(app) as visitor:
        assert (await visitor.open(f"/demo/{SECRET}/prv_nobody")).status_code == 404
        assert (await visitor.open(f"/demo/{SECRET}/prv_york")).status_code == 303
        assert "Visitor" in (await visitor.open("/learners")).text
