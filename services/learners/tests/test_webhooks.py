"""The webhooks of a provider: the feed of its learners and regions, sent to a receiver that verifies it."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook

from makersync.clock import ManualClock
from makersync.delivery.claiming import ClaimTerms
from makersync.delivery.outbound import Outbound
from makersync.delivery.sealing import Seal
from makersync.delivery.sender import Sender, SenderParts
from makersync.feed.numbering import Numbering
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from shared.makersync.tests.delivery.conftest import send_all
from shared.makersync.tests.delivery.receiver import receiving

from .conftest import Caller
from .events import Feed, match, signal
from .following import entries_of
from .samples import accepted, register

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
async def context(context: Context) -> Context:
    """With the receivers of the test within reach."""
    return replace(context, settings=context.settings.model_copy(update={"webhook_networks": LOOPBACK}))


async def test_a_providers_feed_reaches_its_receiver_and_nobody_elses(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering, context: Context, wiring: Wiring, clock: ManualClock
) -> None:
    clock.move_to(datetime.now(UTC))
    parts = SenderParts(context.store, clock, Seal(wiring.pepper), Outbound(LOOPBACK))
    async with receiving() as mine, receiving() as theirs:
        issued = accepted(await york.post("/v1/webhooks", {"url": mine.url}))
        accepted(await lima.post("/v1/webhooks", {"url": theirs.url}))
        ada = await register(york)
        await feed.batch(match("MatchProposed", 1, ada), signal("ShortageRaised", 1))
        while await numbering.number():
            pass
        await send_all(Sender(parts, ClaimTerms("test", 4)))
        assert theirs.received == []
        messages = [Webhook(issued["secret"]).verify(each.body, each.headers) for each in mine.received]
    assert sorted((each["type"], each["data"]["subject"], each["data"]["position"]) for each in messages) == sorted(
        (each["type"], each["subject"], each["position"]) for each in await entries_of(york)
    )
    assert {"match.proposed", "signal.raised"} <= {each["type"] for each in messages}


async def test_webhooks_are_for_providers(operator: Caller, york: Caller) -> None:
    assert (await operator.get("/v1/webhooks")).status_code == 403
    refused = await york.post("/v1/webhooks", {"url": "https://sis.example.org/", "types": ["opening.ending"]})
    assert (refused.status_code, refused.json()["rule"]) == (422, "unknown_entry_type")
