"""The links of a demo, which sign in whoever has them."""

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from makersync.errors import OperatorError
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from openings.bootstrap import definition
from services.openings.tests.conftest import Caller
from tests.servers.applications import application
from tests.visiting.browser import visiting

SECRET = "entrance of a demo"


def context_with(context: Context, **settings: object) -> Context:
    return replace(context, settings=context.settings.model_copy(update={"demo_entrance": SecretStr(SECRET)} | settings))


@pytest.fixture
def app(context: Context, wiring: Wiring) -> FastAPI:
    return application(definition(), context_with(context), wiring)


async def entered(app: FastAPI, path: str) -> tuple[httpx.Response, httpx.Response]:
    """The answer to the link, and to the list of openings then."""
    async with visiting(app) as visitor:
        return await visitor.http.get(f"/demo/{path}"), await visitor.http.get("/openings")


async def test_a_visitor_is_an_administrator_of_the_employer_of_the_link(app: FastAPI, acme: Caller) -> None:
    for _ in range(2):
        answer, openings = await entered(app, f"{SECRET}/emp_acme")
        assert (answer.status_code, openings.status_code) == (303, 200)
        assert "Visitor" in openings.text


@pytest.mark.parametrize("path", ["wrong/emp_acme", f"{SECRET}/emp_nobody", f"{SECRET[:-1]}/emp_acme"])
async def test_nobody_else_is_signed_in(app: FastAPI, acme: Caller, path: str) -> None:
    answer, openings = await entered(app, path)
    assert (answer.status_code, openings.status_code) == (404, 303)


async def test_nobody_signs_in_as_the_visitor_by_a_password(app: FastAPI, acme: Caller) -> None:
    await entered(app, f"{SECRET}/emp_acme")
    async with visiting(app) as visitor:
        fields = {"address": "visitor@emp_acme", "password": ""}
        answer = await visitor.http.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422


async def test_a_visitor_looks_after_no_members_and_is_told_so(app: FastAPI, acme: Caller) -> None:
    """Guards: one visitor would throw another out, or make an administrator of the demo with a password of its own."""
    async with visiting(app) as visitor:
        await visitor.http.get(f"/demo/{SECRET}/emp_acme")
        page = (await visitor.open("/members")).text
        assert "Demo visitors have none" in page and "<h2>Invite" not in page
        answer = await visitor.send("/members/invite", address="al@acme.example", role="admin", present="")
    assert answer.status_code == 422


async def test_a_visitor_is_shown_no_form_that_asks_for_its_password(app: FastAPI, acme: Caller) -> None:
    async with visiting(app) as visitor:
        await visitor.http.get(f"/demo/{SECRET}/emp_acme")
        page = (await visitor.open("/account")).text
    assert "Demo visitors have no password" in page and 'type="password"' not in page and "second-step" not in page


def test_no_deployment_but_a_demo_starts_with_such_a_secret(context: Context) -> None:
    with pytest.raises(OperatorError, match="MAKERSYNC_DEMO_ENTRANCE"):
        definition().routers(context_with(context, profile="cluster"))


async def test_without_the_secret_there_are_no_links(context: Context, wiring: Wiring, acme: Caller) -> None:
    answer, _ = await entered(application(definition(), context, wiring), "/emp_acme")
    assert answer.status_code == 404
