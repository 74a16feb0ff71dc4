"""Who sees and who changes webhooks on pages, and how much of them is shown to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.changing import Webhooks
from makersync.delivery.health import disabled_at
from makersync.delivery.repository import WebhookRepository
from makersync.delivery.routes import WebhookOffer, webhook_views, webhooks_of
from makersync.delivery.tables import WebhookRow
from makersync.delivery.views import WebhookView
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.pages.visit import Visit

WEBHOOKS = "/integrations/webhooks"
NEW = WEBHOOKS + "/new"
ONE = WEBHOOKS + "/{webhook_id}"
SETTINGS = ONE + "/settings"
DELIVERY = ONE + "/deliveries/{delivery_id}"


@dataclass(frozen=True, slots=True)
class WebhookAccess:
    """Everybody in the organisation sees how its webhooks fare. Administrators alone make and change them: what is sent leaves
    the organisation, and goes on when whoever has set it up is gone. They alone see what may hold a secret: the whole address,
    and what receivers answer.

    `words` has what each type of entry is called.
    """

    offer: WebhookOffer
    words: Mapping[str, str]

    def may_manage(self, visit: Visit) -> bool:
        principal = visit.signed_in.principal
        return principal.may(MANAGE_KEYS) and principal.may(self.offer.writes)

    def demand_reader(self, visit: Visit) -> None:
        """Raises Forbidden."""
        visit.demand(self.offer.reads)

    def demand_manager(self, visit: Visit) -> None:
        """Raises Forbidden."""
        visit.demand(MANAGE_KEYS)
        visit.demand(self.offer.writes)

    def changing(self, visit: Visit) -> Webhooks:
        """In a transaction. Raises Forbidden."""
        self.demand_manager(visit)
        return webhooks_of(visit.session, visit.wiring, visit.signed_in.principal, self.offer)

    async def locked(self, visit: Visit) -> tuple[Webhooks, WebhookRow]:
        """The webhook of the address, to be changed. Raises Forbidden and NotFound."""
        webhooks = self.changing(visit)
        return webhooks, await webhooks.repository.locked(webhook_id(visit))

    async def seen(self, visit: Visit) -> WebhookRow:
        """The webhook of the address, to be shown. Raises Forbidden and NotFound."""
        self.demand_reader(visit)
        return await WebhookRepository(visit.session, visit.tenant).get(webhook_id(visit))

    async def shown(self, visit: Visit, row: WebhookRow) -> "ShownWebhook":
        [view] = await webhook_views(visit.session, visit.wiring, [row])
        return self.as_shown(visit, row, view)

    def as_shown(self, visit: Visit, row: WebhookRow, view: WebhookView) -> "ShownWebhook":
        types = [self.words.get(each, each) for each in view.types]
        ends = disabled_at(row.since, row.failing_since or row.since)
        return ShownWebhook(view, row.version, self._address(visit, view.url), types, row.failures, ends)

    def _address(self, visit: Visit, url: str) -> str:
        if self.may_manage(visit):
            return url
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}/…"


@dataclass(frozen=True, slots=True)
class ShownWebhook:
    """`address` is as much of it as the visitor may see; `types` are those that are sent in words, none when all are. A paused
    one is disabled at `disabled_at` unless its receiver comes back."""

    view: WebhookView
    version: int
    address: str
    types: list[str]
    failures: int
    disabled_at: datetime

    @property
    def name(self) -> str:
        return self.view.description or urlsplit(self.view.url).netloc


async def all_shown(session: AsyncSession, visit: Visit, access: WebhookAccess) -> list[ShownWebhook]:
    """Those of the visitor's organisation, newest first."""
    rows = await WebhookRepository(session, visit.tenant).all()
    views = await webhook_views(session, visit.wiring, rows)
    return [access.as_shown(visit, row, view) for row, view in zip(rows, views, strict=True)]


def webhook_id(visit: Visit) -> str:
    return str(visit.request.path_params["webhook_id"])


def address_of(visit: Visit, done: str = "") -> str:
    """Of the page of the webhook that the visit is about."""
    return f"{WEBHOOKS}/{webhook_id(visit)}{f'?done={done}' if done else ''}"
