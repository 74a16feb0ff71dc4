"""The pages of webhooks: the list, a new one, and one with its log and what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.delivery.bodies import LAST_POSITION, ReplayRequest, WebhookBody
from makersync.delivery.health import BREAKS_AFTER
from makersync.delivery.log import DeliveryLog
from makersync.delivery.repository import MOST_WEBHOOKS
from makersync.delivery.signing import Signing
from makersync.delivery.targets import LONGEST_URL
from makersync.delivery.views import DeliveryState
from makersync.feed.repository import FeedRepository
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, StaleVersion, ValidationProblem
from makersync.pages.form_bodies import body_of, demand_shown_version, errors_of, errors_of_groups
from makersync.pages.forms import SentForm
from makersync.pages.once import shown_once
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.pages.webhook_access import (
    DELIVERY,
    NEW,
    ONE,
    WEBHOOKS,
    WebhookAccess,
    address_of,
    all_shown,
)

_A_PAGE = 50
_LONGEST_DESCRIPTION = 200
_STATES: Mapping[str, str] = {"": "All", "pending": "Waiting", "delivered": "Delivered", "failed": "Failed"}
_SIGNINGS = (
    (Signing.HMAC, "With a secret that both sides keep (whsec_), which every library knows"),
    (Signing.ED25519, "With a key pair: the receiver gets the public key (whpk_) and keeps no secret"),
)
_DONE = {
    "suspended": "Suspended. Nothing but tests is sent until you resume it; then everything that has come meanwhile is.",
    "resumed": "Resumed. What waits is sent now.",
    "replayed": "The entries are sent once more, with the same message IDs as before. What is new follows after them.",
    "ahead": "Nothing is sent twice: all of these entries are still to be sent for the first time.",
    "saved": "Saved.",
}


def webhook_pages(site: Site, access: WebhookAccess) -> list[Route]:
    proof = Reauthentication(site)
    pages = _WebhookPages(access, proof)
    return [
        site.reading(WEBHOOKS, pages.list),
        site.reading(NEW, pages.form),
        site.changing(WEBHOOKS, pages.create, pages.form, before=proof.demand_both),
        site.reading(ONE, pages.one),
        site.changing(f"{ONE}/test", pages.test, pages.one),
        site.changing(f"{ONE}/suspend", pages.suspend, pages.one),
        site.changing(f"{ONE}/resume", pages.resume, pages.one),
        site.changing(f"{ONE}/replay", pages.replay, pages.one),
    ]


@dataclass(frozen=True, slots=True)
class _WebhookPages:
    access: WebhookAccess
    proof: Reauthentication

    async def list(self, visit: Visit) -> Response:
        """All of them, newest first."""
        self.access.demand_reader(visit)
        webhooks = await all_shown(visit.session, visit, self.access)
        done = "The webhook is deleted, with its log." if visit.request.query_params.get("done") == "deleted" else ""
        return visit.page(
            "webhooks.html", webhooks=webhooks, may_manage=self.access.may_manage(visit), most=MOST_WEBHOOKS, done=done
        )

    async def form(self, visit: Visit, problem: Problem | None = None) -> Response:
        self.access.demand_manager(visit)
        typed = {name: visit.form.get(name) for name in ("url", "description", "every", "signing")}
        return visit.page(
            "webhook_new.html",
            200 if problem is None else problem.status,
            typed=typed,
            chosen=visit.form.fields.get("types", ()),
            words=self.access.words,
            signings=_SIGNINGS,
            longest_url=LONGEST_URL,
            longest_description=_LONGEST_DESCRIPTION,
            **await self.proof.asked_for(visit),
            problem=problem,
            errors=errors_of_groups(problem),
        )

    async def create(self, visit: Visit) -> Response:
        """The page of the new webhook with its secret, which is shown only there."""
        webhooks = self.access.changing(visit)
        await self.proof.demand_unchanged(visit)
        values = {name: visit.form.get(name) for name in ("url", "description")}
        signing = visit.form.get("signing") or Signing.HMAC.value
        row, secret = await webhooks.create(body_of(WebhookBody, {**values, "types": types_of(visit.form), "signing": signing}))
        webhook = await self.access.shown(visit, row)
        answer = visit.page("webhook_secret.html", webhook=webhook, secret=secret.shown or secret.public_key, signing=signing)
        return shown_once(visit, answer)

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        """With the log of its deliveries, newest first, 50 on a page."""
        row, query = await self.access.seen(visit), visit.request.query_params
        state = query.get("state", "")
        wanted = DeliveryState(state) if state in list(DeliveryState) else None
        page = PageRequest(_A_PAGE, query.get("after") or None, f"page {WEBHOOKS} {row.id} {wanted}")
        head = await FeedRepository(visit.session, visit.tenant).head()
        return visit.page(
            "webhook.html",
            200 if problem is None else problem.status,
            webhook=await self.access.shown(visit, row),
            deliveries=await DeliveryLog(visit.session, row).page(page, wanted),
            words=self.access.words,
            states_offered=list(_STATES.items()),
            state=state if wanted else "",
            head=head,
            replay_to=row.replay_to,
            breaks_after=BREAKS_AFTER,
            may_manage=self.access.may_manage(visit),
            typed={name: visit.form.get(name) for name in ("first", "last")},
            done=_DONE.get(query.get("done", ""), ""),
            is_stale=isinstance(problem, StaleVersion),
            problem=problem,
            errors=errors_of(problem),
        )

    async def test(self, visit: Visit) -> Response:
        webhooks, row = await self.access.locked(visit)
        delivery = await webhooks.test(row)
        return see_other(DELIVERY.format(webhook_id=row.id, delivery_id=delivery.id))

    async def suspend(self, visit: Visit) -> Response:
        webhooks, row = await self.access.locked(visit)
        demand_shown_version(visit.form, row.version)
        await webhooks.suspend(row)
        return see_other(address_of(visit, "suspended"))

    async def resume(self, visit: Visit) -> Response:
        webhooks, row = await self.access.locked(visit)
        demand_shown_version(visit.form, row.version)
        await webhooks.resume(row)
        return see_other(address_of(visit, "resumed"))

    async def replay(self, visit: Visit) -> Response:
        """Of a range, or of all since a position."""
        webhooks, row = await self.access.locked(visit)
        first, has_last = _position(visit, "first"), visit.form.get("last").strip()
        wanted = ReplayRequest(first=first, last=_position(visit, "last") if has_last else None)
        await demand_kept(visit, first)
        sent_first, sent_last = await webhooks.replay(row, wanted)
        return see_other(address_of(visit, "replayed" if sent_first <= sent_last else "ahead"))


def types_of(form: SentForm) -> list[str]:
    """The types that were chosen; none stands for all. Raises ValidationProblem."""
    if form.get("every") != "no":
        return []
    types = [*form.fields.get("types", ())]
    if not types:
        raise ValidationProblem.of("types", "missing", "choose at least one, or have everything sent")
    return types


async def demand_kept(visit: Visit, first: int) -> None:
    """Raises ValidationProblem naming `first` when the feed does not keep what begins there."""
    head = await FeedRepository(visit.session, visit.tenant).head()
    if not head.has_kept(first - 1):
        kept = f"must be from {head.forgotten + 1} to {head.position + 1}: what came before is no longer kept"
        raise ValidationProblem.of("first", "greater_than_equal", kept)


def _position(visit: Visit, name: str) -> int:
    text = visit.form.get(name).strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_POSITION))
    if not (is_number and 1 <= int(text) <= LAST_POSITION):
        raise ValidationProblem.of(name, "int_parsing", "must be the position of an entry, such as 4712")
    return int(text)
