"""What an organisation does with its webhooks, within one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.addresses import Network
from makersync.delivery.bodies import ReplayRequest, WebhookBody, WebhookChange
from makersync.delivery.health import HealthReason, WebhookState, resumed, suspended
from makersync.delivery.messages import TEST_TYPE
from makersync.delivery.recording import keep_health, send_at_once
from makersync.delivery.repository import WebhookRepository, add_secret, rotate_secret
from makersync.delivery.sealing import Seal
from makersync.delivery.signing import SigningSecret
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.delivery.targets import UrlRefused, checked_url
from makersync.delivery.window import PENDING
from makersync.feed.repository import FeedRepository
from makersync.http.problems import Conflict, Gone, TooManyRequests, ValidationProblem
from makersync.identifiers import new_id
from makersync.store.activity import note_own
from makersync.store.database_time import read_database_time

#: Tests of one webhook that may wait at a time.
MOST_TESTS = 5
_NOT_KEPT = "What follows that position is not kept, or there was no such position. Read /v1/feed/snapshot."


@dataclass(frozen=True, slots=True)
class WebhookTerms:
    """What the service has for webhooks: the types of its feed, and the networks that its operators have opened."""

    types: Mapping[str, str]
    opened: Sequence[Network]
    seal: Seal


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The webhooks of one organisation, to be changed."""

    session: AsyncSession
    clock: Clock
    organisation_id: str
    terms: WebhookTerms

    @property
    def repository(self) -> WebhookRepository:
        return WebhookRepository(self.session, self.organisation_id)

    async def create(self, wanted: WebhookBody) -> tuple[WebhookRow, SigningSecret]:
        """Raises ValidationProblem, Conflict or Gone."""
        url, types = self._checked(wanted.url), self._known(wanted.types)
        await self.repository.demand_room()
        now = await self._now()
        row = WebhookRow(
            id=new_id("whk", now),
            organisation_id=self.organisation_id,
            url=url,
            description=wanted.description,
            types=types,
            signing=wanted.signing,
            state=WebhookState.ACTIVE,
            since=now,
            cursor=await self._beginning(wanted.after),
            look_at=now,
            created_at=now,
        )
        self.session.add(row)
        secret = add_secret(self.session, self.terms.seal, row, now)
        await self.session.flush()
        self._note("webhook_made", row)
        return row, secret

    async def change(self, row: WebhookRow, wanted: WebhookChange) -> None:
        """The row is locked. Raises ValidationProblem."""
        if "url" in wanted.given:
            row.url = self._checked(wanted.url)
        if "types" in wanted.given:
            row.types = self._known(wanted.types)
        if "description" in wanted.given:
            row.description = wanted.description
        row.version += 1
        self._note("webhook_changed", row)
        await self.session.flush()

    async def rotate(self, row: WebhookRow, grace_seconds: int) -> SigningSecret:
        """The row is locked."""
        secret = await rotate_secret(self.session, self.terms.seal, row, timedelta(seconds=grace_seconds), await self._now())
        row.version += 1
        self._note("webhook_secret_rotated", row)
        await self.session.flush()
        return secret

    async def resume(self, row: WebhookRow) -> None:
        """The row is locked. What waits is sent at once, and failures are counted from zero."""
        now = await self._now()
        if row.state != WebhookState.ACTIVE:
            row.version += 1
            self._note("webhook_resumed", row)
        keep_health(row, resumed(now if row.state != WebhookState.ACTIVE else row.since), now)
        row.look_at = now
        await self.session.flush()
        await send_at_once(self.session, row.id, now)

    async def suspend(self, row: WebhookRow) -> None:
        """The row is locked. Nothing is sent until the organisation resumes it."""
        if row.reason == HealthReason.SUSPENDED:
            return
        now = await self._now()
        keep_health(row, suspended(now), now)
        self._note("webhook_suspended", row)
        row.version += 1
        await self.session.flush()

    async def test(self, row: WebhookRow) -> DeliveryRow:
        """The row is locked. Raises TooManyRequests."""
        tests = (
            col(DeliveryRow.webhook_id) == row.id,
            col(DeliveryRow.state) == PENDING,
            col(DeliveryRow.position).is_(None),
        )
        if (await self.session.exec(select(func.count(col(DeliveryRow.id))).where(*tests))).one() >= MOST_TESTS:
            raise TooManyRequests("webhook_tests", f"At most {MOST_TESTS} tests of a webhook wait at a time.")
        now = await self._now()
        delivery = DeliveryRow(
            id=new_id("dlv", now),
            webhook_id=row.id,
            type=TEST_TYPE,
            subject=row.id,
            state=PENDING,
            next_at=now,
            created_at=now,
        )
        self.session.add(delivery)
        row.look_at = now
        self._note("webhook_tested", row)
        await self.session.flush()
        return delivery

    async def replay(self, row: WebhookRow, wanted: ReplayRequest) -> tuple[int, int]:
        """The row is locked. Returns the first and the last position that are sent again. Raises ValidationProblem, Conflict
        or Gone."""
        if wanted.last is not None and wanted.last < wanted.first:
            raise ValidationProblem.of("last", "replay_order", "must not be before `first`")
        if row.replay_after is not None:
            raise Conflict("replay_under_way", "A replay of the webhook is under way; begin another when it is through.")
        await self._demand_kept(wanted.first - 1)
        last = row.cursor if wanted.last is None else min(wanted.last, row.cursor)
        if wanted.first <= last:
            row.replay_after, row.replay_to = wanted.first - 1, last
            row.look_at = await self._now()
            self._note("webhook_replayed", row)
            await self.session.flush()
        return wanted.first, last

    async def delete(self, row: WebhookRow) -> None:
        """With all that is known of it. The row is locked."""
        await self.repository.delete(row)
        self._note("webhook_deleted", row)

    def _note(self, action: str, row: WebhookRow) -> None:
        note_own(self.session, self.clock.now(), action, row.id)

    async def _now(self) -> datetime:
        return await read_database_time(self.session, self.clock)

    async def _beginning(self, after: int | None) -> int:
        if after is None:
            return (await FeedRepository(self.session, self.organisation_id).head()).position
        await self._demand_kept(after)
        return after

    async def _demand_kept(self, after: int) -> None:
        head = await FeedRepository(self.session, self.organisation_id).head()
        if not head.has_kept(after):
            raise Gone("feed_position", _NOT_KEPT)

    def _checked(self, url: str) -> str:
        try:
            return checked_url(url, self.terms.opened)
        except UrlRefused as refused:
            raise ValidationProblem.of("url", refused.rule, refused.detail) from refused

    def _known(self, types: Collection[str]) -> list[str]:
        if any(name not in self.terms.types for name in types):
            raise ValidationProblem.of("types", "unknown_entry_type", f"must be among {', '.join(self.terms.types)}")
        return sorted(set(types))
