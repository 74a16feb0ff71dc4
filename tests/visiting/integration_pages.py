"""The pages of an organisation's keys, webhooks and recipients of mail, with something on them."""

from typing import Any, Protocol

from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow
from makersync.http.wiring import Wiring
from makersync.pages.integrations import INTEGRATIONS
from makersync.pages.notice_access import NOTICES
from tests.visiting.every_page import EveryPage


class Holder(Protocol):
    """Whoever calls the API with a key of the organisation."""

    headers: dict[str, str]

    async def post(self, path: str, body: Any = None, **headers: str) -> Any: ...


async def pages_of_integrations(wiring: Wiring, holder: Holder) -> EveryPage:
    """A key that was replaced and its successor; a webhook that delivers, one that is paused, and what was sent to it; a
    person who is asked whether mail is wanted: the addresses by the paths of their routes. The service has to send mail."""
    key_id = holder.headers["Authorization"].split("_")[1]
    made = (await holder.post(f"/v1/keys/{key_id}/rotation", {"grace_seconds": 3600})).json()["key"]
    keys, webhooks = "/integrations/keys", "/integrations/webhooks"
    active = await _webhook(holder, description="")
    paused = await _webhook(holder, description="Ap" + "p" * 100 + "licants <b>نظام</b>", types=["webhook.paused"])
    delivered, failing = [await _delivery(holder, each) for each in (active, paused)]
    await _attempted(wiring, paused, failing)
    told = {"address": f"{'a' * 60}@{'b' * 60}.example", "types": {"webhook.paused": "daily"}, "description": "<b>" + "W" * 90}
    asked = (await holder.post("/v1/mail-recipients", told)).json()["id"]
    return {
        NOTICES: [NOTICES],
        f"{NOTICES}/new": [f"{NOTICES}/new"],
        f"{NOTICES}/{{recipient_id}}": [f"{NOTICES}/{asked}"],
        INTEGRATIONS: [INTEGRATIONS],
        keys: [keys],
        f"{keys}/{{key_id}}": [f"{keys}/{key_id}", f"{keys}/{made['id']}"],
        webhooks: [webhooks],
        f"{webhooks}/new": [f"{webhooks}/new"],
        f"{webhooks}/{{webhook_id}}": [f"{webhooks}/{active}", f"{webhooks}/{paused}", f"{webhooks}/{paused}?state=failed"],
        f"{webhooks}/{{webhook_id}}/settings": [f"{webhooks}/{paused}/settings"],
        f"{webhooks}/{{webhook_id}}/deliveries/{{delivery_id}}": [
            f"{webhooks}/{active}/deliveries/{delivered}",
            f"{webhooks}/{paused}/deliveries/{failing}",
        ],
    }


async def _webhook(holder: Holder, **wanted: Any) -> str:
    body = {"url": f"https://ats.example.org/{'hooks' * 30}", "signing": "ed25519", **wanted}
    return str((await holder.post("/v1/webhooks", body)).json()["webhook"]["id"])


async def _delivery(holder: Holder, webhook_id: str) -> str:
    return str((await holder.post(f"/v1/webhooks/{webhook_id}/test")).json()["id"])


async def _attempted(wiring: Wiring, webhook_id: str, delivery_id: str) -> None:
    """Ten attempts have failed, the last of them with an answer, and one is under way."""
    now = wiring.clock.now()
    answer = "<script>alert(1)</script> " + "x" * 900
    async with wiring.store.transaction() as session:
        webhook = await session.get_one(WebhookRow, webhook_id)
        webhook.state, webhook.reason, webhook.failures, webhook.failing_since = "paused", "failing", 10, now
        delivery = await session.get_one(DeliveryRow, delivery_id)
        delivery.attempts, delivery.position, delivery.type = 1, 7, "webhook.paused"
        refused = {"outcome": "refused", "status": 500, "duration_ms": 12_300, "answer": answer}
        session.add_all(
            [
                AttemptRow(delivery_id=delivery_id, number=1, at=now, **refused),
                AttemptRow(delivery_id=delivery_id, number=2, at=now, outcome="unknown"),
            ]
        )
