"""What an organisation has told to its programs and its people, and the keys that its programs come with, on pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse
from starlette.routing import Route

from makersync.delivery.routes import WebhookOffer
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.mail.offer import MailOffer
from makersync.mail.states import Cadence
from makersync.pages.keys import KEYS, key_pages
from makersync.pages.notice_access import NoticeAccess
from makersync.pages.notices import notice_pages
from makersync.pages.redirects import see_other
from makersync.pages.site import NavigationLink, Site
from makersync.pages.visit import Visit
from makersync.pages.webhook_access import WEBHOOKS, WebhookAccess
from makersync.pages.webhook_deliveries import webhook_deliveries
from makersync.pages.webhook_settings import webhook_settings
from makersync.pages.webhooks import webhook_pages

INTEGRATIONS = "/integrations"


@dataclass(frozen=True, slots=True)
class IntegrationsOffer:
    """`scopes` are those that keys of the service may have, with what each allows in words; `usual_notices` is what a new
    recipient of mail is told unless something else is chosen."""

    scopes: Mapping[str, str]
    webhooks: WebhookOffer
    mail: MailOffer
    usual_notices: Mapping[str, Cadence]

    @property
    def words(self) -> Mapping[str, str]:
        """What several entries of each type are called, in the order of the feed's own list."""
        return {name: _begun(self.mail.wordings[name].many) for name in self.webhooks.types}


def integration_links(reads: str) -> Sequence[NavigationLink]:
    """The tabs of these pages, each with the scope that its page demands."""
    return NavigationLink(WEBHOOKS, "Webhooks", reads), NavigationLink(KEYS, "API keys", MANAGE_KEYS)


def integration_pages(site: Site, offer: IntegrationsOffer) -> list[Route]:
    access = WebhookAccess(offer.webhooks, offer.words)
    webhooks = [*webhook_pages(site, access), *webhook_settings(site, access), *webhook_deliveries(site, access)]
    notices = notice_pages(site, NoticeAccess(offer.mail, offer.words, offer.usual_notices))
    return [site.reading(INTEGRATIONS, _home), *webhooks, *key_pages(site, offer.scopes), *notices]


async def _home(_visit: Visit) -> RedirectResponse:
    return see_other(WEBHOOKS)


def _begun(text: str) -> str:
    """As a line of its own."""
    return text[:1].upper() + text[1:]
