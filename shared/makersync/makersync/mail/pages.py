"""The pages that the links of mails lead to. They need no key: whoever holds the token was sent it.

Opening a link changes nothing, because programs that look for malice in mails open every link (RFC 8058, 3.1). A page has a
button, and what it sends is what a mail program sends that unsubscribes in one click.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from html import escape
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.http.routing import CheckedRoute
from makersync.http.wiring import Wiring, wiring_of
from makersync.mail.claiming import lock_recipient
from makersync.mail.composing import CONFIRM_PATH, UNSUBSCRIBE_PATH
from makersync.mail.consent import Invitations, asked_by, asked_with, has_open_question, note_agreement, written_to
from makersync.mail.message_making import Making
from makersync.mail.offer import MailOffer
from makersync.mail.recording import stop
from makersync.mail.states import RecipientState
from makersync.mail.tables import RecipientRow
from makersync.mail.tokens import MailTokens
from makersync.store.database_time import read_database_time

_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font: 1.1rem/1.5 sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem }}</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
{form}</body>
</html>
"""
_FORM = '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>{button}</button></form>\n'
Endpoint = Callable[[Request], Awaitable[Response]]


def mail_pages(offer: MailOffer) -> APIRouter:
    """To confirm and to unsubscribe. They read nothing of a request but the token in its path, so that any form is taken."""
    router = APIRouter(route_class=CheckedRoute)
    for path, endpoint in (
        (CONFIRM_PATH, _confirming(offer)),
        (UNSUBSCRIBE_PATH, _unsubscribing()),
    ):
        router.routes.append(Route(f"{path}/{{token}}", endpoint, methods=["GET", "POST"]))
    return router


def _confirming(offer: MailOffer) -> Endpoint:
    async def confirm(request: Request) -> Response:
        wiring, token = wiring_of(request), _token(request)
        if request.method != "POST":
            async with wiring.store.snapshot() as session:
                now = await read_database_time(session, wiring.clock)
                found = await asked_by(session, MailTokens(wiring.pepper), token, now)
                name = found and (await offer.name_of(session, found.organisation_id) or found.organisation_id)
            return _question(f"{name} asks whether Makersync may write to you.", "I agree") if name else _unknown()
        async with wiring.store.transaction() as session:
            is_done = await _confirm(session, wiring, offer, token)
        return _done("You will get mail when there is something to say. Each has a link to end it.") if is_done else _unknown()

    return confirm


def _unsubscribing() -> Endpoint:
    async def unsubscribe(request: Request) -> Response:
        wiring, token = wiring_of(request), _token(request)
        if request.method != "POST":
            async with wiring.store.snapshot() as session:
                found = await _knows_to_unsubscribe(session, wiring, token)
            return _question("No further mail will come.", "Unsubscribe") if found else _unknown()
        async with wiring.store.transaction() as session:
            is_done = await _unsubscribe(session, wiring, token)
        return _done("You will get no further mail. One that is under way may still arrive.") if is_done else _unknown()

    return unsubscribe


async def _confirm(session: AsyncSession, wiring: Wiring, offer: MailOffer, token: str) -> bool:
    now = await read_database_time(session, wiring.clock)
    tokens = MailTokens(wiring.pepper)
    row = await _locked(session, await asked_by(session, tokens, token, now))
    if row is None or row.confirm_digest != tokens.digest(token):
        return False
    row.confirm_digest = row.confirm_sealed = row.confirm_until = None
    row.state, row.reason, row.since, row.confirmed_at = RecipientState.ACTIVE, None, now, now
    row.refusals = 0
    row.version += 1
    await note_agreement(session, row)
    await Making(session, offer, wiring.settings.zone, now).begin(row)
    await session.flush()
    return True


async def _unsubscribe(session: AsyncSession, wiring: Wiring, token: str) -> bool:
    """A second time it is as good as the first."""
    now = await read_database_time(session, wiring.clock)
    tokens = MailTokens(wiring.pepper)
    row = await _locked(session, await written_to(session, tokens, token))
    if row is None:
        return await _decline(session, tokens, token, now)
    if has_open_question(row):
        await Invitations(session, tokens, row.organisation_id, now).decline(tokens.digest(row.address_key))
    if row.state != RecipientState.UNSUBSCRIBED:
        await stop(session, wiring.clock, row, RecipientState.UNSUBSCRIBED, now)
    await session.flush()
    return True


async def _decline(session: AsyncSession, tokens: MailTokens, token: str, now: datetime) -> bool:
    """The recipient was deleted before the person answered."""
    asked = await asked_with(session, tokens, token, now)
    if asked is None:
        return False
    await Invitations(session, tokens, asked.organisation_id, now).decline(asked.address_digest)
    await session.flush()
    return True


async def _knows_to_unsubscribe(session: AsyncSession, wiring: Wiring, token: str) -> bool:
    tokens = MailTokens(wiring.pepper)
    if await written_to(session, tokens, token) is not None:
        return True
    now = await read_database_time(session, wiring.clock)
    return await asked_with(session, tokens, token, now) is not None


async def _locked(session: AsyncSession, row: RecipientRow | None) -> RecipientRow | None:
    return None if row is None else await lock_recipient(session, row.id, wait=True)


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _question(text: str, button: str) -> Response:
    return _page(200, "Mail from Makersync", text, _FORM.format(button=escape(button)))


def _done(text: str) -> Response:
    return _page(200, "Done", text)


def _unknown() -> Response:
    """The same for a token that never was, was used, or is too old."""
    return _page(404, "This link does not work any more", "It was used before, is too old, or was not copied as a whole.")


def _page(status: int, title: str, text: str, form: str = "") -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), text=escape(text), form=form), status, headers=dict(_HEADERS))
