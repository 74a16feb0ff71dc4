"""The openings service with a receiver of webhooks within reach."""

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from makersync.effects.lease import Lease, acquire
from makersync.feed.numbering import Numbering
from makersync.http.pepper import read_pepper
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from shared.makersync.tests.delivery.receiver import Receiver, receiving


@pytest.fixture
async def context(context: Context) -> Context:
    """With the receivers of the test within reach."""
    return replace(context, settings=context.settings.model_copy(update={"webhook_networks": (ip_network("127.0.0.0/8"),)}))


@pytest.fixture
def wiring(context: Context) -> Wiring:
    return Wiring(context.settings, context.store, context.clock, context.metrics, read_pepper(context.settings))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def lease(context: Context) -> Lease:
    async with context.store.transaction() as session:
        lease = await acquire(session, context.clock, "openings.relay", "test", 60.0)
    assert lease is not None
    return lease


@pytest.fixture
def numbering(context: Context, lease: Lease) -> Numbering:
    return Numbering(context.store, context.clock, lease, 60.0)
