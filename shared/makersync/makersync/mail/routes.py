"""The routes of an organisation's recipients of mail."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Order, Page, PageQuery, PageRequest, page_of
from makersync.http.problems import Conflict
from makersync.http.routing import CheckedRoute
from makersync.http.security import Principal, requires
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction, Wiring, wiring_of
from makersync.mail.bodies import RecipientBody, RecipientChange
from makersync.mail.changing import Recipients
from makersync.mail.offer import MailOffer
from makersync.mail.setup import public_address_of
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.mail.tokens import MailTokens
from makersync.mail.views import MessageView, RecipientList, RecipientView
from makersync.settings import Settings

COLLECTION = "/v1/mail-recipients"
ONE = COLLECTION + "/{recipient_id}"
RecipientId = Annotated[str, Path(max_length=100, description="Id of the recipient.")]
_NEWEST_FIRST = Order((col(MailMessageRow.created_at), col(MailMessageRow.id)), newest_first=True)
_REPEATED: dict[int | str, dict[str, Any]] = {
    200: {"model": RecipientView, "description": "A repetition: the recipient was made before. The address is not repeated."}
}


def mail_routes(offer: MailOffer) -> APIRouter:
    """The routes for organisations; operators have no recipients, and see none."""
    router = APIRouter(tags=["mail"], route_class=CheckedRoute)
    _add_reading(router, offer)
    _add_creation(router, offer)
    _add_changing(router, offer)
    _add_messages(router, offer)
    return router


def recipients_of(session: AsyncSession, wiring: Wiring, principal: Principal, offer: MailOffer) -> Recipients:
    """The recipients of the organisation that acts."""
    tokens = MailTokens(wiring.pepper)
    return Recipients(session, wiring.clock, principal.tenant, offer, tokens, wiring.settings.zone)


def demand_mail(settings: Settings) -> None:
    """Raises Conflict where the deployment sends no mail."""
    if public_address_of(settings) is None:
        raise Conflict("mail_off", "This service sends no mail: its operators have not set it up (MAKERSYNC_PUBLIC_ADDRESS).")


def _recipients(request: Request, session: AsyncSession, principal: Principal, offer: MailOffer) -> Recipients:
    return recipients_of(session, wiring_of(request), principal, offer)


def _demand_mail(request: Request) -> None:
    demand_mail(wiring_of(request).settings)


def _add_reading(router: APIRouter, offer: MailOffer) -> None:
    Reader = Annotated[Principal, Depends(requires(offer.reads))]

    @router.get(COLLECTION, summary="List the recipients of one's organisation")
    async def list_mail_recipients(principal: Reader, request: Request, session: Reading) -> RecipientList:
        """All of them, newest first, with their states. An organisation has at most 50."""
        rows = await _recipients(request, session, principal, offer).all()
        return RecipientList(items=[RecipientView.of(row) for row in rows])

    @router.get(ONE, summary="Read a recipient")
    async def read_mail_recipient(
        principal: Reader, recipient_id: RecipientId, request: Request, session: Reading, response: Response
    ) -> RecipientView:
        """Its state says whether mail is sent, and why not. `ETag` is the version of what was set or answered."""
        row = await _recipients(request, session, principal, offer).get(recipient_id)
        response.headers["ETag"] = etag_of(row.version)
        return RecipientView.of(row)

    @router.get(ONE + "/messages", summary="List the messages to a recipient, newest first")
    async def list_mail_messages(
        principal: Reader, recipient_id: RecipientId, request: Request, session: Reading, page: PageQuery
    ) -> Page[MessageView]:
        """Those that wait, and those that were finished within the last 30 days, or another number that operators set."""
        row = await _recipients(request, session, principal, offer).get(recipient_id)
        return await messages_to(session, row, page)


async def messages_to(session: AsyncSession, row: RecipientRow, page: PageRequest) -> Page[MessageView]:
    """The newest first."""
    mine = select(MailMessageRow).where(MailMessageRow.recipient_id == row.id)
    return await page_of(session, mine, _NEWEST_FIRST, page, MessageView.of)


def _add_creation(router: APIRouter, offer: MailOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]
    types = "; ".join(f"`{name}`: {meaning}" for name, meaning in offer.types.items())

    @router.post(
        COLLECTION,
        status_code=201,
        response_model=RecipientView,
        responses=_REPEATED,
        summary="Have the feed told to a person by mail",
        description="The person is sent a question, and nothing else before it is answered by the link in it, which works for "
        "seven days. What happens from then on is told. A recipient who has not answered after 30 days is deleted. Types of "
        f"entries: {types}. Refused with 409 when the service sends no mail, when the organisation has 50 recipients or this "
        "one already, and for a year when the person wanted none; with 429 when the address was asked three times within seven "
        "days.",
    )
    async def create_mail_recipient(principal: Writer, wanted: RecipientBody, request: Request, creation: Creating) -> Response:
        async def make() -> Created:
            _demand_mail(request)
            row = await _recipients(request, creation.session, principal, offer).create(wanted)
            view, location = RecipientView.of(row), f"{COLLECTION}/{row.id}"
            again = Created(view.model_copy(update={"address": None}), location, row.version, status=200)
            return Created(view, location, row.version, repeated=again)

        return await creation.once(make)


def _add_changing(router: APIRouter, offer: MailOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]

    @router.patch(ONE, summary="Change what a recipient is told")
    async def change_mail_recipient(
        principal: Writer,
        recipient_id: RecipientId,
        wanted: RecipientChange,
        if_match: IfMatch,
        request: Request,
        session: Transaction,
        response: Response,
    ) -> RecipientView:
        """When other types or cadences are chosen, digests of what was gathered so far are sent at once, and what follows is
        told as chosen."""
        recipients = _recipients(request, session, principal, offer)
        row = await recipients.locked(recipient_id)
        if_match.demand(row.version)
        await recipients.change(row, wanted)
        response.headers["ETag"] = etag_of(row.version)
        return RecipientView.of(row)

    @router.delete(ONE, status_code=204, summary="Delete a recipient")
    async def delete_mail_recipient(
        principal: Writer, recipient_id: RecipientId, if_match: IfMatch, request: Request, session: Transaction
    ) -> None:
        """With the address and all messages; that cannot be undone. A message that is under way may still arrive."""
        recipients = _recipients(request, session, principal, offer)
        row = await recipients.locked(recipient_id)
        if_match.demand(row.version)
        await recipients.delete(row)


def _add_messages(router: APIRouter, offer: MailOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]

    @router.post(ONE + "/test", status_code=202, response_model=MessageView, summary="Send a test to a recipient")
    async def send_test_mail(principal: Writer, recipient_id: RecipientId, request: Request, creation: Creating) -> Response:
        """Read the messages of the recipient to see what came of it. Refused with 409 unless the recipient is active, and with
        429 while three tests of it wait, or when the organisation has had twenty made within an hour."""

        async def make() -> Created:
            recipients = _recipients(request, creation.session, principal, offer)
            row = await recipients.locked(recipient_id)
            _demand_mail(request)
            message = await recipients.test(row)
            return Created(MessageView.of(message), f"{COLLECTION}/{recipient_id}/messages", status=202)

        return await creation.once(make)

    @router.post(ONE + "/confirmation", status_code=202, summary="Ask a recipient once more")
    async def ask_mail_recipient(
        principal: Writer, recipient_id: RecipientId, request: Request, session: Transaction
    ) -> RecipientView:
        """For a question that has become too old, and for a recipient that was disabled because its address was refused. The
        link of the question before does not work any more."""
        recipients = _recipients(request, session, principal, offer)
        row = await recipients.locked(recipient_id)
        _demand_mail(request)
        await recipients.ask_again(row)
        return RecipientView.of(row)
