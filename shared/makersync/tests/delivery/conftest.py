"""A database with a feed and webhooks, on each kind, and receivers on loopback. Time passes by `Market.age`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from random import Random
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from makersync.clock import WallClock
from makersync.delivery.claiming import ClaimTerms
from makersync.delivery.outbound import Outbound
from makersync.delivery.repository import add_secret
from makersync.delivery.sealing import Seal
from makersync.delivery.sender import Sender, SenderParts
from makersync.delivery.signing import Signing, SigningSecret
from makersync.delivery.tables import AttemptRow, DeliveryModel, DeliveryRow, WebhookRow, WebhookSecretRow
from makersync.effects.lease import acquire
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.feed.numbering import Numbering
from makersync.feed.tables import FeedEntryRow, FeedModel
from makersync.store.database import Store
from makersync.store.tables import KitModel
from tests.servers.tables import create_tables

from .receiver import Receiver, receiving

LOOPBACK = (ip_network("127.0.0.0/8"),)
ACME = "emp_acme"


@dataclass
class Market:
    """The database of a service, with what happens in it."""

    store: Store
    clock: WallClock = field(default_factory=WallClock)
    seal: Seal = field(default_factory=lambda: Seal(b"p" * 32))
    made: int = 0
    outbound: Outbound = field(default_factory=lambda: Outbound(LOOPBACK))

    def sender(self, owner: str = "one", most: int = 4, lease_s: float = 60.0) -> Sender:
        parts = SenderParts(self.store, self.clock, self.seal, self.outbound, random=Random(7))
        return Sender(parts, ClaimTerms(owner, most, lease_s))

    async def webhook(
        self, receiver: Receiver, organisation_id: str = ACME, types: Sequence[str] = (), signing: Signing = Signing.HMAC
    ) -> tuple[str, SigningSecret]:
        self.made += 1
        now = self.clock.now()
        row = WebhookRow(
            id=f"whk_{self.made}",
            organisation_id=organisation_id,
            url=receiver.url,
            description="",
            types=list(types),
            signing=signing,
            state="active",
            since=now,
            cursor=0,
            created_at=now,
        )
        async with self.store.transaction() as session:
            session.add(row)
            return row.id, add_secret(session, self.seal, row, now)

    async def happens(self, *subjects: str, organisation_id: str = ACME, kind: str = "match.proposed") -> None:
        """An entry about each subject, with a position."""
        now = self.clock.now()
        entries = [NewEntry(organisation_id, kind, subject, now, {"about": subject}) for subject in subjects]
        async with self.store.transaction() as session:
            await FeedWriter(session, self.clock).record(entries)
        await self.number()

    async def number(self) -> None:
        async with self.store.transaction() as session:
            lease = await acquire(session, self.clock, "test.relay", "test", 30.0)
        assert lease is not None
        numbering = Numbering(self.store, self.clock, lease, 30.0)
        while await numbering.number():
            pass

    async def age(self, **passed: float) -> None:
        """So much time passes for the webhooks."""
        time = timedelta(**passed)
        async with self.store.transaction() as session:
            for table, names in (
                (DeliveryRow, ("next_at", "until", "finished_at")),
                (WebhookRow, ("not_before", "failing_since", "since", "look_at")),
                (WebhookSecretRow, ("ends_at",)),
            ):
                for row in await session.exec(select(table)):
                    for name in names:
                        if (instant := getattr(row, name)) is not None:
                            setattr(row, name, instant - time)

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.store.reading() as session:
            return (await session.exec(select(table).order_by("id"))).all()

    async def deliveries(self, webhook_id: str = "whk_1") -> Sequence[DeliveryRow]:
        async with self.store.reading() as session:
            mine = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
            return (await session.exec(mine.order_by(col(DeliveryRow.position)))).all()

    async def state(self, webhook_id: str = "whk_1") -> WebhookRow:
        async with self.store.reading() as session:
            return await session.get_one(WebhookRow, webhook_id)

    async def outcomes(self) -> list[str]:
        return [each.outcome for each in await self.rows(AttemptRow)]

    async def log_of(self, delivery: DeliveryRow) -> Sequence[AttemptRow]:
        """The attempts that are kept, the oldest first."""
        return [each for each in await self.rows(AttemptRow) if each.delivery_id == delivery.id]

    async def notices(self) -> list[FeedEntryRow]:
        await self.number()
        return [each for each in await self.rows(FeedEntryRow) if each.type.startswith("webhook.")]

    async def change(self, webhook_id: str = "whk_1", **values: Any) -> None:
        """As a request does, which says that there may be something to do."""
        values.setdefault("look_at", self.clock.now())
        async with self.store.transaction() as session:
            await session.exec(update(WebhookRow).where(col(WebhookRow.id) == webhook_id).values(**values))


async def send_all(sender: Sender) -> int:
    """Sends what can be sent, one after the other, until nothing is left. Returns how many attempts there were."""
    attempts = 0
    while claimed := await sender.claim_some(100):
        for delivery in claimed:
            await sender.send(delivery)
            attempts += 1
    return attempts


@pytest.fixture
async def market(database_url: str) -> AsyncIterator[Market]:
    store = Store(database_url)
    await create_tables(store, [each.metadata for each in (KitModel, FeedModel, DeliveryModel)])
    yield Market(store)
    await store.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
