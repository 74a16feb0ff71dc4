"""The second step of a member: the page that sets it up, and the app on a member's telephone."""

import re
from datetime import timedelta

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.authenticator import code_at
from tests.visiting.browser import PASSWORD, Browser

from .conftest import COOKIE, invited

PAGE = "/account/second-step"
HALF_MINUTE = timedelta(seconds=30)
WRONG = "000000"


class Authenticator:
    """The app on a member's telephone, with the recovery codes that the member wrote down."""

    def __init__(self, secret: str, clock: ManualClock) -> None:
        self.secret, self.clock, self.codes = secret, clock, list[str]()

    def code(self) -> str:
        return code_at(self.secret, self.clock.now())

    def next_code(self) -> str:
        self.clock.move_to(self.clock.now() + HALF_MINUTE)
        return self.code()


async def begun(wiring: Wiring, clock: ManualClock, browser: Browser) -> Authenticator:
    await browser.send(await invited(wiring), name="Jo Miller", password=PASSWORD)
    return Authenticator(await secret_of(browser), clock)


async def secret_of(browser: Browser) -> str:
    """A new secret, which waits for its first code."""
    await browser.open(PAGE)
    assert (await browser.send(f"{PAGE}/begin")).status_code == 303
    page = await browser.open(PAGE)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None and "<svg" in page.text and "style=" not in page.text
    return found[1].replace(" ", "")


async def set_up(wiring: Wiring, clock: ManualClock, browser: Browser) -> Authenticator:
    app = await begun(wiring, clock, browser)
    answer = await browser.send(f"{PAGE}/confirm", present=PASSWORD, code=app.code())
    app.codes = re.findall(r"<code>([a-z2-7-]{27})</code>", answer.text)
    assert answer.status_code == 200 and len(set(app.codes)) == 10
    return app


async def give_password(browser: Browser, **fields: str) -> None:
    answer = await browser.sign_in("jo@acme.example", **fields)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in/code")
    assert COOKIE.name not in browser.http.cookies, "there is no session before the code"


async def given(browser: Browser, code: str) -> int:
    return (await browser.send("/sign-in/code", code=code)).status_code
