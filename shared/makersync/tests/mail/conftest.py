"""A database with a feed and recipients of mail, on each kind, and a mail server on loopback. Time passes by `Desk.age`."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.headerregistry import Address
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import WallClock
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.feed.repository import Entry
from makersync.feed.tables import FeedEntryRow, FeedModel
from makersync.mail.message_making import Making
from makersync.mail.notices import MAIL_NOTICE_TYPES
from makersync.mail.offer import Family, MailOffer, Mention, Wording
from makersync.mail.sender import MailParts, MailSender
from makersync.mail.setup import MailSetup
from makersync.mail.smtp import MailServer
from makersync.mail.tables import MailMessageRow, MailModel, RecipientRow
from makersync.mail.tokens import MailTokens
from makersync.store.database import Store
from makersync.store.tables import KitModel
from shared.makersync.tests.delivery.conftest import Market

from .post_office import PostOffice, post_office

ACME, SITE = "emp_acme", "https://openings.test"
MATCH = ("match.proposed", "match.revised", "match.withdrawn")


async def _titles(_session: AsyncSession, _organisation_id: str, sections: Collection[str]) -> Mapping[str, str]:
    return {section: section.removeprefix("opn_").upper() for section in sections if section.startswith("opn_")}


async def _name_of(_session: AsyncSession, organisation_id: str) -> str | None:
    return {ACME: "Acme"}.get(organisation_id)


def _mention_of(entry: Entry) -> Mention:
    opening_id, _, learner_id = entry.subject.partition("/")
    return Mention(opening_id, learner_id) if learner_id else Mention("Notices", entry.subject)


OFFER = MailOffer(
    reads="openings:read",
    writes="openings:write",
    types={**dict.fromkeys(MATCH, "a match"), "webhook.paused": "a webhook", **MAIL_NOTICE_TYPES},
    wordings={
        "match.proposed": Wording("new candidate", "new candidates"),
        "match.withdrawn": Wording("candidate gone", "candidates gone"),
        "match.revised": Wording("candidate changed", "candidates changed"),
        "webhook.paused": Wording("webhook paused", "webhooks paused"),
        "mail.stopped": Wording("recipient stopped", "recipients stopped"),
    },
    mention_of=_mention_of,
    titles=_titles,
    name_of=_name_of,
    families=(Family(*MATCH),),
)
ALL_AT_ONCE = dict.fromkeys(MATCH, "immediate")


@dataclass
class Desk:
    """The database of a service that sends mail."""

    store: Store
    office: PostOffice = field(default_factory=PostOffice)
    clock: WallClock = field(default_factory=WallClock)
    tokens: MailTokens = field(default_factory=lambda: MailTokens(b"p" * 32))
    made: int = 0

    def sender(self, owner: str = "one", lease_s: float = 180.0, **changed: Any) -> MailSender:
        sender = Address("Makersync", addr_spec="makersync@makersync.test")
        setup = MailSetup(SITE, sender, "127.0.0.1", self.office.port, "none")
        parts: dict[str, Any] = {
            "store": self.store,
            "clock": self.clock,
            "zone": UTC,
            "setup": setup,
            "server": MailServer(setup),
            "tokens": self.tokens,
            "offer": OFFER,
            "owner": owner,
            "lease_s": lease_s,
            "random": Random(7),
        }
        return MailSender(MailParts(**(parts | changed)))

    async def recipient(
        self, cadences: Mapping[str, str] = ALL_AT_ONCE, state: str = "active", organisation_id: str = ACME
    ) -> str:
        self.made += 1
        recipient_id, now = f"mrc_{self.made}", self.clock.now()
        sealed, digest = self.tokens.issued(recipient_id)
        row = RecipientRow(
            id=recipient_id,
            organisation_id=organisation_id,
            address=f"person{self.made}@people.test",
            address_key=f"person{self.made}@people.test",
            description="",
            cadences=dict(cadences),
            hour=7,
            weekday="monday",
            state=state,
            since=now,
            unsubscribe_sealed=sealed,
            unsubscribe_digest=digest,
            created_at=now,
        )
        async with self.store.transaction() as session:
            session.add(row)
            await Making(session, OFFER, UTC, now).begin(row)
        return recipient_id

    async def happens(self, *events: tuple[str, str], organisation_id: str = ACME) -> None:
        """Entries of (type, subject), with positions."""
        now = self.clock.now()
        entries = [NewEntry(organisation_id, kind, subject, now, {"about": subject}) for kind, subject in events]
        async with self.store.transaction() as session:
            await FeedWriter(session, self.clock).record(entries)
        await Market(self.store).number()

    async def proposes(self, *subjects: str, organisation_id: str = ACME) -> None:
        await self.happens(*(("match.proposed", subject) for subject in subjects), organisation_id=organisation_id)

    async def age(self, **passed: float) -> None:
        """So much time passes for mail."""
        time = timedelta(**passed)
        async with self.store.transaction() as session:
            for table, names in (
                (RecipientRow, ("immediate_at", "daily_at", "weekly_at", "confirm_until")),
                (MailMessageRow, ("next_at", "until", "finished_at")),
            ):
                for row in await session.exec(select(table)):
                    for name in names:
                        if (instant := getattr(row, name)) is not None:
                            setattr(row, name, instant - time)

    async def state(self, recipient_id: str = "mrc_1") -> RecipientRow:
        async with self.store.reading() as session:
            return await session.get_one(RecipientRow, recipient_id)

    async def messages(self) -> Sequence[MailMessageRow]:
        async with self.store.reading() as session:
            return (await session.exec(select(MailMessageRow).order_by(col(MailMessageRow.id)))).all()

    async def notices(self) -> Sequence[FeedEntryRow]:
        async with self.store.reading() as session:
            return (await session.exec(select(FeedEntryRow).where(FeedEntryRow.type == "mail.stopped"))).all()


async def send_all(sender: MailSender) -> int:
    """Sends what can be sent, one after the other, until nothing is left. Returns how many attempts there were."""
    attempts = 0
    while claimed := await sender.claim_some(100):
        for message in claimed:
            await sender.send(message)
            attempts += 1
    return attempts


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.fixture
async def desk(database_url: str, office: PostOffice) -> AsyncIterator[Desk]:
    store = Store(database_url)
    async with store.engine.begin() as connection:
        for model in (KitModel, FeedModel, MailModel):
            await connection.run_sync(model.metadata.create_all)
    yield Desk(store, office)
    await store.close()
