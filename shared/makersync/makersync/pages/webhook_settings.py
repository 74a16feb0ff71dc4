"""The page on which a webhook is changed: what is sent, where to, how it is signed, and its end."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.delivery.bodies import MOST_GRACE_SECONDS, USUAL_GRACE_SECONDS, SecretRotation, WebhookChange
from makersync.delivery.targets import LONGEST_URL
from makersync.http.problems import Problem, StaleVersion, ValidationProblem
from makersync.pages.form_bodies import body_of, errors_of_groups, version_of
from makersync.pages.once import shown_once
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.pages.webhook_access import SETTINGS, WEBHOOKS, WebhookAccess, address_of
from makersync.pages.webhooks import types_of

#: For how long messages carry the signature of the old secret too, in seconds.
_GRACES = {
    "0": "Not at all: it ends at once",
    "3600": "1 hour",
    str(USUAL_GRACE_SECONDS): "1 day",
    str(MOST_GRACE_SECONDS): "7 days",
}
_LONGEST_DESCRIPTION = 200
_TYPED = ("url", "description", "every", "grace_seconds")


def webhook_settings(site: Site, access: WebhookAccess) -> list[Route]:
    proof = Reauthentication(site)
    pages = _Settings(access, proof)
    return [
        site.reading(SETTINGS, pages.show),
        site.changing(SETTINGS, pages.change, pages.show),
        site.changing(f"{SETTINGS}/address", pages.move, pages.show, before=proof.demand_both),
        site.changing(f"{SETTINGS}/secret", pages.rotate, pages.show, before=proof.demand_both),
        site.changing(f"{SETTINGS}/delete", pages.delete, pages.show),
    ]


@dataclass(frozen=True, slots=True)
class _Settings:
    """Another address and another secret ask for the password: either hands what is sent to whoever has it."""

    access: WebhookAccess
    proof: Reauthentication

    async def show(self, visit: Visit, problem: Problem | None = None) -> Response:
        self.access.demand_manager(visit)
        webhook = await self.access.shown(visit, await self.access.seen(visit))
        sent_to = visit.request.url.path.rpartition("/")[2]
        return visit.page(
            "webhook_settings.html",
            200 if problem is None else problem.status,
            webhook=webhook,
            words=self.access.words,
            sent_to=sent_to,
            is_stale=isinstance(problem, StaleVersion),
            typed=self._typed(visit, problem, webhook.view.url, webhook.view.description, webhook.view.types),
            chosen=visit.form.fields.get("types", ()) if problem and sent_to == "settings" else webhook.view.types,
            graces=list(_GRACES.items()),
            longest_url=LONGEST_URL,
            longest_description=_LONGEST_DESCRIPTION,
            **await self.proof.asked_for(visit),
            problem=problem,
            errors=errors_of_groups(problem),
        )

    async def change(self, visit: Visit) -> Response:
        """What is sent, and what people call it."""
        wanted = {"description": visit.form.get("description"), "types": types_of(visit.form)}
        return await self._changed(visit, wanted)

    async def move(self, visit: Visit) -> Response:
        """To another address."""
        self.access.demand_manager(visit)
        await self.proof.demand_unchanged(visit)
        return await self._changed(visit, {"url": visit.form.get("url")})

    async def rotate(self, visit: Visit) -> Response:
        """The page with the new secret, which is shown only there."""
        self.access.demand_manager(visit)
        await self.proof.demand_unchanged(visit)
        webhooks, row = await self.access.locked(visit)
        version_of(visit.form).demand(row.version)
        grace = visit.form.get("grace_seconds") or str(USUAL_GRACE_SECONDS)
        if grace not in _GRACES:
            raise ValidationProblem.of("grace_seconds", "enum", "choose one of the list")
        secret = await webhooks.rotate(row, SecretRotation(grace_seconds=int(grace)).grace_seconds)
        webhook = await self.access.shown(visit, row)
        shown = secret.shown or secret.public_key
        return shown_once(visit, visit.page("webhook_secret.html", webhook=webhook, secret=shown, signing=row.signing))

    async def delete(self, visit: Visit) -> Response:
        webhooks, row = await self.access.locked(visit)
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to delete the webhook")
        version_of(visit.form).demand(row.version)
        await webhooks.delete(row)
        return see_other(f"{WEBHOOKS}?done=deleted")

    async def _changed(self, visit: Visit, wanted: dict[str, Any]) -> Response:
        webhooks, row = await self.access.locked(visit)
        change = body_of(WebhookChange, wanted)
        version_of(visit.form).demand(row.version)
        await webhooks.change(row, change)
        return see_other(address_of(visit, "saved"))

    @staticmethod
    def _typed(visit: Visit, problem: Problem | None, url: str, description: str, types: list[str]) -> dict[str, str]:
        """What is in the forms: as it is kept, but for what was sent and refused."""
        kept = {"url": url, "description": description, "every": "no" if types else "yes"}
        usual = kept | {"grace_seconds": str(USUAL_GRACE_SECONDS)}
        sent = {name: visit.form.get(name) for name in _TYPED if problem and name in visit.form.fields}
        return usual | sent
