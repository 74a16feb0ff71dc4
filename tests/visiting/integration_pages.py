"""The pages of an organisation's keys, webhooks and recipients of mail, with something on them."""

from typing import Any, Protocol

from makersync.pages.integrations import INTEGRATIONS
from tests.visiting.every_page import EveryPage


class Holder(Protocol):
    """Whoever calls the API with a key of the organisation."""

    headers: dict[str, str]

    async def post(self, path: str, body: Any = None, **headers: str) -> Any: ...


async def pages_of_integrations(holder: Holder) -> EveryPage:
    """A key that was replaced and its successor: the addresses by the paths of their routes."""
    key_id = holder.headers["Authorization"].split("_")[1]
    made = (await holder.post(f"/v1/keys/{key_id}/rotation", {"grace_seconds": 3600})).json()["key"]
    keys = "/integrations/keys"
    return {
        INTEGRATIONS: [INTEGRATIONS],
        keys: [keys],
        f"{keys}/{{key_id}}": [f"{keys}/{key_id}", f"{keys}/{made['id']}"],
    }
