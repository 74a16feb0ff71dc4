"""The routes of webhooks: an organisation's own, with their logs, and what it can do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.bodies import ReplayRequest, SecretRotation, WebhookBody, WebhookChange
from makersync.delivery.changing import Webhooks, WebhookTerms
from makersync.delivery.log import DeliveryLog
from makersync.delivery.operator_routes import add_webhook_operations
from makersync.delivery.repository import WebhookRepository, valid_secrets
from makersync.delivery.sealing import Seal
from makersync.delivery.signing import SigningSecret
from makersync.delivery.tables import WebhookRow
from makersync.delivery.views import (
    DeliveryDetail,
    DeliveryState,
    DeliveryView,
    IssuedWebhook,
    ReplayView,
    WebhookList,
    WebhookView,
)
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.routing import CheckedRoute
from makersync.http.security import Principal, requires
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction, Wiring, wiring_of

COLLECTION = "/v1/webhooks"
ONE = COLLECTION + "/{webhook_id}"
WebhookId = Annotated[str, Path(max_length=100, description="Id of the webhook.")]
DeliveryId = Annotated[str, Path(max_length=100, description="Id of the delivery.")]
_REPEATED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": IssuedWebhook,
        "description": "A repetition: the secret was made before, and was shown in the first answer alone.",
    }
}


@dataclass(frozen=True, slots=True)
class WebhookOffer:
    """Which scopes the routes ask for, and the meaning of each type of entry in the service's feed."""

    reads: str
    writes: str
    types: Mapping[str, str]


def webhook_routes(offer: WebhookOffer) -> APIRouter:
    """The routes for organisations. Operators have no webhooks, and see how those of all organisations fare."""
    router = APIRouter(tags=["webhooks"], route_class=CheckedRoute)
    _add_reading(router, offer)
    _add_changing(router, offer)
    _add_rotation_and_test(router, offer)
    _add_replay(router, offer)
    _add_suspension_and_resumption(router, offer)
    _add_log(router, offer)
    add_webhook_operations(router)
    return router


def webhooks_of(session: AsyncSession, wiring: Wiring, principal: Principal, offer: WebhookOffer) -> Webhooks:
    """The webhooks of the organisation that acts, to be changed."""
    terms = WebhookTerms(offer.types, wiring.settings.webhook_networks, Seal(wiring.pepper))
    return Webhooks(session, wiring.clock, principal.tenant, terms)


async def webhook_views(session: AsyncSession, wiring: Wiring, rows: Sequence[WebhookRow]) -> list[WebhookView]:
    secrets = await valid_secrets(session, wiring.clock, [row.id for row in rows])
    return [WebhookView.of(row, secrets) for row in rows]


def _webhooks(request: Request, session: AsyncSession, principal: Principal, offer: WebhookOffer) -> Webhooks:
    return webhooks_of(session, wiring_of(request), principal, offer)


async def _shown(session: AsyncSession, request: Request, rows: Sequence[WebhookRow]) -> list[WebhookView]:
    return await webhook_views(session, wiring_of(request), rows)


async def _issued(session: AsyncSession, request: Request, row: WebhookRow, secret: SigningSecret) -> Created:
    """A repetition is told that the webhook is there, without its secret."""
    [view] = await _shown(session, request, [row])
    again = Created(IssuedWebhook(webhook=view, secret=None), status=200)
    return Created(IssuedWebhook(webhook=view, secret=secret.shown), f"{COLLECTION}/{row.id}", row.version, repeated=again)


def _add_reading(router: APIRouter, offer: WebhookOffer) -> None:
    Reader = Annotated[Principal, Depends(requires(offer.reads))]

    @router.get(COLLECTION, summary="List the webhooks of one's organisation")
    async def list_webhooks(principal: Reader, request: Request, session: Reading) -> WebhookList:
        """All of them, newest first, with their states and without their secrets. An organisation has at most 20."""
        rows = await WebhookRepository(session, principal.tenant).all()
        return WebhookList(items=await _shown(session, request, rows))

    @router.get(ONE, summary="Read a webhook")
    async def read_webhook(
        principal: Reader, webhook_id: WebhookId, request: Request, session: Reading, response: Response
    ) -> WebhookView:
        """Its state says whether messages are sent, and why not. `ETag` is the version of what the organisation has set."""
        row = await WebhookRepository(session, principal.tenant).get(webhook_id)
        response.headers["ETag"] = etag_of(row.version)
        [view] = await _shown(session, request, [row])
        return view


def _add_changing(router: APIRouter, offer: WebhookOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]
    types = "; ".join(f"`{name}`: {meaning}" for name, meaning in offer.types.items())

    @router.post(
        COLLECTION,
        status_code=201,
        response_model=IssuedWebhook,
        responses=_REPEATED,
        summary="Have the feed sent to an address",
        description="Messages follow Standard Webhooks 1.0. The secret is shown in this answer alone. Begin with the position "
        f"of a snapshot in `after` to miss nothing. Types of entries: {types}. Refused with 422 when the URL names an address "
        "that is not public, with 409 when the organisation has 20 webhooks, and with 410 when the feed does not keep what "
        "follows `after`.",
    )
    async def create_webhook(principal: Writer, wanted: WebhookBody, request: Request, creation: Creating) -> Response:
        async def make() -> Created:
            row, secret = await _webhooks(request, creation.session, principal, offer).create(wanted)
            return await _issued(creation.session, request, row, secret)

        return await creation.once(make)

    @router.patch(ONE, summary="Change a webhook")
    async def change_webhook(
        principal: Writer,
        webhook_id: WebhookId,
        wanted: WebhookChange,
        if_match: IfMatch,
        request: Request,
        session: Transaction,
        response: Response,
    ) -> WebhookView:
        """Other types count for the entries of which no delivery has been made; another address counts at once."""
        webhooks = _webhooks(request, session, principal, offer)
        row = await webhooks.repository.locked(webhook_id)
        if_match.demand(row.version)
        await webhooks.change(row, wanted)
        response.headers["ETag"] = etag_of(row.version)
        [view] = await _shown(session, request, [row])
        return view

    @router.delete(ONE, status_code=204, summary="Delete a webhook")
    async def delete_webhook(
        principal: Writer, webhook_id: WebhookId, if_match: IfMatch, request: Request, session: Transaction
    ) -> None:
        """With its secrets and its log; that cannot be undone. An attempt that is under way may still arrive."""
        webhooks = _webhooks(request, session, principal, offer)
        row = await webhooks.repository.locked(webhook_id)
        if_match.demand(row.version)
        await webhooks.delete(row)


def _add_rotation_and_test(router: APIRouter, offer: WebhookOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]

    @router.post(
        ONE + "/rotation",
        status_code=201,
        response_model=IssuedWebhook,
        responses=_REPEATED,
        summary="Replace the signing secret of a webhook",
    )
    async def rotate_webhook_secret(
        principal: Writer, webhook_id: WebhookId, rotation: SecretRotation, request: Request, creation: Creating
    ) -> Response:
        """Messages carry the signatures of both secrets for `grace_seconds`. The new one is shown in this answer alone. The
        last four that were replaced earlier sign until they would have ended, and no longer than `grace_seconds`."""

        async def make() -> Created:
            webhooks = _webhooks(request, creation.session, principal, offer)
            row = await webhooks.repository.locked(webhook_id)
            secret = await webhooks.rotate(row, rotation.grace_seconds)
            return await _issued(creation.session, request, row, secret)

        return await creation.once(make)

    @router.post(ONE + "/test", status_code=202, response_model=DeliveryView, summary="Send a test to a webhook")
    async def send_test_to_webhook(principal: Writer, webhook_id: WebhookId, request: Request, creation: Creating) -> Response:
        """A message of the type `webhook.test` is attempted once, also to a webhook that is paused or disabled, whose state it
        does not change. Read the delivery under its id to see what came of it."""

        async def make() -> Created:
            webhooks = _webhooks(request, creation.session, principal, offer)
            row = await webhooks.test(await webhooks.repository.locked(webhook_id))
            location = f"{COLLECTION}/{webhook_id}/deliveries/{row.id}"
            return Created(DeliveryView.of(row), location, status=202)

        return await creation.once(make)


def _add_replay(router: APIRouter, offer: WebhookOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]

    @router.post(ONE + "/replay", status_code=202, summary="Have entries sent once more")
    async def replay_to_webhook(
        principal: Writer, webhook_id: WebhookId, wanted: ReplayRequest, request: Request, session: Transaction
    ) -> ReplayView:
        """One entry, those of a range, or all since a position, of the types of the webhook. Messages have the ids that they
        had before. What is new follows when the replay is through; until then a further one is refused with 409. Refused with
        410 when the feed does not keep what is asked for."""
        webhooks = _webhooks(request, session, principal, offer)
        first, last = await webhooks.replay(await webhooks.repository.locked(webhook_id), wanted)
        return ReplayView(first=first, last=last)


def _add_suspension_and_resumption(router: APIRouter, offer: WebhookOffer) -> None:
    Writer = Annotated[Principal, Depends(requires(offer.writes))]

    @router.post(ONE + "/suspension", summary="Suspend a webhook")
    async def suspend_webhook(
        principal: Writer, webhook_id: WebhookId, request: Request, session: Transaction, response: Response
    ) -> WebhookView:
        """Nothing but tests is sent until it is resumed, and then everything that has come meanwhile, as far as the feed still
        keeps it. Its state is `disabled` with the reason `suspended`. An attempt that is under way may still arrive. A webhook
        that is suspended stays so."""
        webhooks = _webhooks(request, session, principal, offer)
        row = await webhooks.repository.locked(webhook_id)
        await webhooks.suspend(row)
        response.headers["ETag"] = etag_of(row.version)
        [view] = await _shown(session, request, [row])
        return view

    @router.post(ONE + "/resumption", summary="Resume a webhook that is paused or disabled")
    async def resume_webhook(
        principal: Writer, webhook_id: WebhookId, request: Request, session: Transaction, response: Response
    ) -> WebhookView:
        """What waits is sent at once, and failures are counted anew. An active webhook stays so."""
        webhooks = _webhooks(request, session, principal, offer)
        row = await webhooks.repository.locked(webhook_id)
        await webhooks.resume(row)
        response.headers["ETag"] = etag_of(row.version)
        [view] = await _shown(session, request, [row])
        return view


def _add_log(router: APIRouter, offer: WebhookOffer) -> None:
    Reader = Annotated[Principal, Depends(requires(offer.reads))]

    @router.get(ONE + "/deliveries", summary="List the deliveries of a webhook, newest first")
    async def list_webhook_deliveries(
        principal: Reader,
        webhook_id: WebhookId,
        session: Reading,
        page: PageQuery,
        state: Annotated[DeliveryState | None, Query(description="Only deliveries of this state; absent: all.")] = None,
    ) -> Page[DeliveryView]:
        """Those that wait, and those that were finished within the last 30 days, unless the operators have set another number.
        At most some hundred wait at a time; what follows in the feed becomes deliveries when they are done."""
        row = await WebhookRepository(session, principal.tenant).get(webhook_id)
        return await DeliveryLog(session, row).page(page, state)

    @router.get(ONE + "/deliveries/{delivery_id}", summary="Read a delivery with its attempts")
    async def read_webhook_delivery(
        principal: Reader, webhook_id: WebhookId, delivery_id: DeliveryId, session: Reading
    ) -> DeliveryDetail:
        """Each attempt has its outcome, the status of the answer and the first kilobyte of its body."""
        log = DeliveryLog(session, await WebhookRepository(session, principal.tenant).get(webhook_id))
        delivery = await log.get(delivery_id)
        return DeliveryDetail.with_log(delivery, await log.attempts(delivery))
