"""Instructors sign in at an OpenID provider, by the same rules as employers' people."""

from fastapi import FastAPI

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from tests.visiting.browser import PASSWORD, Browser
from tests.visiting.openid_provider import openid_provider
from tests.visiting.signing_in_elsewhere import came_back, set_up

from .conftest import COOKIE


async def test_an_instructor_links_an_account_and_signs_in_with_it(
    app: FastAPI, wiring: Wiring, clock: ManualClock, instructor: Browser, stranger: Browser
) -> None:
    """Guards: an account that is linked at one provider of training would open the learners of another."""
    async with openid_provider(clock.now) as provider:
        set_up(app, wiring, provider)
        await instructor.open("/account")
        assert (await came_back(instructor, "/account/provider/link", present=PASSWORD)).status_code == 303
        await stranger.open("/account")
        assert (await came_back(stranger, "/account/provider/link", present=PASSWORD)).status_code == 409
        instructor.http.cookies.delete(COOKIE.name)
        assert (await came_back(instructor)).headers["location"] == "/"
        assert "Jo Miller" in (await instructor.open("/account")).text
