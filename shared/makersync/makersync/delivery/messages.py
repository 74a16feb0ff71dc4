"""What a message says: its id, which is the same on every attempt, and its body in the form that Standard Webhooks advises."""

from collections.abc import Mapping
from typing import Any

import orjson

from makersync.delivery.tables import DeliveryRow
from makersync.feed.repository import Entry

TEST_TYPE = "webhook.test"


def message_id(delivery: DeliveryRow) -> str:
    """The same for a webhook and a position, whoever sends it and however often."""
    _, _, webhook = delivery.webhook_id.partition("_")
    _, _, own = delivery.id.partition("_")
    return f"msg_{webhook}_{f'test_{own}' if delivery.position is None else delivery.position}"


def body_of(entry: Entry) -> bytes:
    data = {"position": entry.position, "subject": entry.subject, "state": entry.data}
    return _encoded({"type": entry.type, "timestamp": entry.occurred_at, "data": data})


def test_body(delivery: DeliveryRow) -> bytes:
    data = {"position": None, "subject": delivery.subject, "state": None}
    return _encoded({"type": TEST_TYPE, "timestamp": delivery.created_at, "data": data})


def _encoded(message: Mapping[str, Any]) -> bytes:
    return orjson.dumps(message, option=orjson.OPT_UTC_Z)
