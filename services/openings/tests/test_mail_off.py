"""Where operators have not set mail up, organisations are told so, and nothing is stored."""

from .conftest import Caller


async def test_without_a_public_address_mail_is_off_and_says_so(acme: Caller) -> None:
    refused = await acme.post("/v1/mail-recipients", {"address": "hiring@acme.test", "types": {"match.proposed": "daily"}})
    assert (refused.status_code, refused.json()["rule"]) == (409, "mail_off")
    assert "MAKERSYNC_PUBLIC_ADDRESS" in refused.json()["detail"]
    assert (await acme.get("/v1/mail-recipients")).json() == {"items": []}
