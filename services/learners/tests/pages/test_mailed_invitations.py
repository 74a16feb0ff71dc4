"""Invitations of training providers go by mail, as those of employers do; the openings service's tests have the rest."""

from dataclasses import replace

from fastapi import FastAPI
from sqlmodel import select

from learners.entrypoints.members_offer import MEMBERS
from makersync.http.wiring import Wiring
from makersync.mail.server_state import keep_set_up
from makersync.members.mail_texts import MemberMailTexts
from makersync.members.tables import MemberMailRow
from services.learners.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

ADDRESS = "https://pages.example"


async def test_whoever_a_provider_invites_gets_the_link_by_mail(
    app: FastAPI, wiring: Wiring, operator: Caller, york: Caller, browser: Browser
) -> None:
    """Guards: the service would name no provider in its messages, or show the link to whoever invites."""
    app.state.wiring = replace(wiring, settings=wiring.settings.model_copy(update={"public_address": ADDRESS}))
    async with wiring.store.transaction() as session:
        await keep_set_up(session, wiring.clock.now())
    made = await operator.post("/v1/providers/prv_york/member-invitations", {"address": "jo@york.example", "role": "reader"})
    assert (made.status_code, made.json()["path"], made.json()["is_mailed"]) == (201, None, True)
    async with wiring.store.reading() as session:
        row = (await session.exec(select(MemberMailRow))).one()
        message = await MemberMailTexts(session, wiring.pepper, wiring.clock, MEMBERS, ADDRESS).content(row)
        provider = await MEMBERS.name_in(session, "prv_york")
    assert message is not None and message.subject == f"{provider or 'prv_york'} invites you to Makersync"
    [link] = [part.url.removeprefix(ADDRESS) for part in message.parts if hasattr(part, "url")]
    assert (await browser.send(link, name="Jo", password=PASSWORD)).status_code == 303
    [member] = (await operator.get("/v1/providers/prv_york/members")).json()["items"]
    assert member["verified_at"] is not None
