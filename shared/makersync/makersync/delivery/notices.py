"""What the feed of an organisation says about its webhooks themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.health import WebhookState, disabled_at
from makersync.delivery.tables import WebhookRow
from makersync.feed.entries import FeedWriter, NewEntry

_PAUSED, _DISABLED, _BEHIND = "webhook.paused", "webhook.disabled", "webhook.behind"
#: To be listed among the types of the feed of a service that sends webhooks.
NOTICE_TYPES: Mapping[str, str] = {
    _PAUSED: "attempts at a webhook have failed one after the other; `disabled_at` in `data` says when it will be disabled",
    _DISABLED: "a webhook gets no messages until it is resumed, for the `reason` in `data`",
    _BEHIND: "entries up to `lost_to` were forgotten before a webhook got them: read the snapshot",
}


async def note_state(session: AsyncSession, clock: Clock, webhook: WebhookRow) -> None:
    """A webhook has been paused or disabled."""
    if webhook.state == WebhookState.PAUSED:
        failing_since = webhook.failing_since or webhook.since
        ends = disabled_at(webhook.since, failing_since)
        await _note(session, clock, webhook, _PAUSED, {"failing_since": _text(failing_since), "disabled_at": _text(ends)})
    elif webhook.state == WebhookState.DISABLED:
        await _note(session, clock, webhook, _DISABLED, {"disabled_at": _text(webhook.since)})


async def note_behind(session: AsyncSession, clock: Clock, webhook: WebhookRow, lost_to: int) -> None:
    """Entries that the webhook had not got are no longer kept."""
    await _note(session, clock, webhook, _BEHIND, {"lost_after": webhook.cursor, "lost_to": lost_to})


async def _note(session: AsyncSession, clock: Clock, webhook: WebhookRow, kind: str, more: Mapping[str, Any]) -> None:
    data = {"webhook_id": webhook.id, "url": webhook.url, "reason": webhook.reason, **more}
    entry = NewEntry(webhook.organisation_id, kind, webhook.id, clock.now(), data)
    await FeedWriter(session, clock).record([entry])


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
