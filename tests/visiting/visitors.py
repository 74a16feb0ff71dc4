"""Who looks at which pages: those of everybody's signing in, beside those that a member is used to."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from fastapi import FastAPI
from sqlmodel import select, update

from makersync.http.wiring import Wiring
from makersync.mail.server_state import keep_set_up
from makersync.members.claims import CONFIRM_PATH, AddressClaims
from makersync.members.mailing import MailLinks
from makersync.members.recovery import RECOVER_PATH, Recoveries
from makersync.members.tables import MemberMailRow, MemberRow, SecondStepRow
from makersync.pages.integrations import INTEGRATIONS
from makersync.store.database import Store
from tests.visiting.browser import Browser, visiting
from tests.visiting.every_page import EveryPage, addresses_of
from tests.visiting.plans import recorded, whole_tables_read
from tests.visiting.weight import MOST, first_load

SECOND_STEP = "/account/second-step"
#: Signs a browser in as the member with an address, who joins before.
Enter = Callable[[Browser, str], Awaitable[Browser]]


@dataclass(frozen=True, slots=True)
class Visitor:
    browser: Browser
    pages: EveryPage


@asynccontextmanager
async def while_signing_in(app: FastAPI, wiring: Wiring, enter: Enter, sends_mail: bool = True) -> AsyncIterator[list[Visitor]]:
    """A member who has begun with the second step, one who has it, the same after the password alone and with a link that was
    mailed to confirm an address, and one who has forgotten the password, at a service that has an address for the links of its
    mail, a sender that has found a mail server, and an OpenID provider."""
    oidc = {"oidc_issuer": "https://login.example", "oidc_client_id": "makersync", "oidc_name": "your Works login"}
    settings = wiring.settings.model_copy(update={"public_address": "https://pages.example", **oidc})
    app.state.wiring = replace(wiring, settings=settings)
    async with AsyncExitStack() as stack:
        beginning, having, pending, forgetful = [await stack.enter_async_context(visiting(app)) for _ in range(4)]
        await _begin(await enter(having, "having@pages.example"))
        async with wiring.store.transaction() as session:
            await session.exec(update(SecondStepRow).values(confirmed_at=wiring.clock.now(), begun_in=None, begun_at=None))
        await _begin(await enter(beginning, "beginning@pages.example"))
        entered = await pending.sign_in("having@pages.example")
        assert entered.headers["location"].startswith("/sign-in/code")
        async with wiring.store.transaction() as session:
            member = (await session.exec(select(MemberRow).where(MemberRow.address == "beginning@pages.example"))).one()
            if sends_mail:
                await keep_set_up(session, wiring.clock.now())
            token = await Recoveries(session, wiring.pepper, wiring.clock).issue(member.member_id)
            await AddressClaims(session, wiring.pepper, wiring.clock).make(member, "having@pages.example")
            letter_id = (await session.exec(select(MemberMailRow.letter_id))).one()
        confirming = f"{CONFIRM_PATH}/{MailLinks(wiring.pepper).token(letter_id)}"
        yield [
            Visitor(beginning, {SECOND_STEP: [SECOND_STEP]}),
            Visitor(having, {SECOND_STEP: [SECOND_STEP], "/account": ["/account"]}),
            Visitor(pending, {"/sign-in/code": ["/sign-in/code"], f"{CONFIRM_PATH}/{{token}}": [confirming]}),
            Visitor(
                forgetful,
                {"/forgotten": ["/forgotten"] if sends_mail else [], f"{RECOVER_PATH}/{{token}}": [f"{RECOVER_PATH}/{token}"]},
            ),
        ]


async def _begin(browser: Browser) -> None:
    await browser.open(SECOND_STEP)
    assert (await browser.send(f"{SECOND_STEP}/begin")).status_code == 303


def routes_of(visitors: Sequence[Visitor]) -> set[str]:
    return {route for each in visitors for route in each.pages}


async def demand_shown(visitors: Sequence[Visitor]) -> None:
    """Each address shows a page. Only the first one leads on, and what scripts ask for leads others to the whole page."""
    visits = [(each.browser, address) for each in visitors for address in addresses_of(each.pages)]
    answers = [(address, (await browser.open(address)).status_code) for browser, address in visits]
    assert [(address, status) for address, status in answers if status != _expected(address)] == []


def _expected(address: str) -> int:
    return 303 if address in ("/", INTEGRATIONS) or address.endswith(("/form", "/preview")) else 200


async def demand_found_by_indexes(store: Store, visitors: Sequence[Visitor], read_whole: tuple[str, ...] = ()) -> None:
    """No page reads a whole table, but for those that begin `read_whole`."""
    with recorded(store) as queries:
        for each in visitors:
            for address in addresses_of(each.pages):
                await each.browser.open(address)
    assert queries
    found = [each for each in await whole_tables_read(store, queries) if not each.startswith(read_whole)]
    assert found == [], "\n".join(found)


async def demand_light(visitors: Sequence[Visitor]) -> None:
    """No page is heavier than it may be when it is loaded for the first time."""
    visits = [(each.browser, address) for each in visitors for address in addresses_of(each.pages)]
    weights = [(await first_load(browser.http, address), address) for browser, address in visits]
    assert [each for each in weights if each[0] > MOST] == []
    assert max(weights)[0] > MOST / 10
