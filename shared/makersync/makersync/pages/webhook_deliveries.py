"""The page of one message to a webhook, with the attempts at it."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.delivery.bodies import ReplayRequest
from makersync.delivery.log import DeliveryLog
from makersync.delivery.outcomes import OUTCOMES
from makersync.delivery.views import DeliveryDetail
from makersync.http.problems import Conflict, Problem
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.pages.webhook_access import DELIVERY, WebhookAccess, address_of
from makersync.pages.webhooks import demand_kept


def webhook_deliveries(site: Site, access: WebhookAccess) -> list[Route]:
    pages = _Deliveries(access)
    return [site.reading(DELIVERY, pages.one), site.changing(f"{DELIVERY}/replay", pages.replay, pages.one)]


@dataclass(frozen=True, slots=True)
class _Deliveries:
    access: WebhookAccess

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        row = await self.access.seen(visit)
        log = DeliveryLog(visit.session, row)
        delivery = await log.get(_delivery_id(visit))
        return visit.page(
            "webhook_delivery.html",
            200 if problem is None else problem.status,
            webhook=await self.access.shown(visit, row),
            delivery=DeliveryDetail.with_log(delivery, await log.attempts(delivery)),
            words=self.access.words,
            outcomes=OUTCOMES,
            may_manage=self.access.may_manage(visit),
            problem=problem,
        )

    async def replay(self, visit: Visit) -> Response:
        webhooks, row = await self.access.locked(visit)
        delivery = await DeliveryLog(visit.session, row).get(_delivery_id(visit))
        if delivery.position is None:
            raise Conflict("webhook_tests", "A test is not sent again: send another one.")
        await demand_kept(visit, delivery.position)
        await webhooks.replay(row, ReplayRequest(first=delivery.position, last=delivery.position))
        return see_other(address_of(visit, "replayed"))


def _delivery_id(visit: Visit) -> str:
    return str(visit.request.path_params["delivery_id"])
