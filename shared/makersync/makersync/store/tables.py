"""The kit's tables, present in every service's own database. Services declare theirs on a registry of their own."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Column, Field, SQLModel

#: SQLite generates ids only for INTEGER primary keys.
BigSerial = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, which is UTC and timezone-aware on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_column(nullable: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable)


class KitModel(SQLModel, registry=registry()):
    """Base of the kit's tables. Migrations are compared with `KitModel.metadata`."""


class OutboxRow(KitModel, table=True):
    """One event of this service, written together with the state that it describes.

    The newest version of each key is kept for good, because the log must end with it. `published_at` is null until the broker
    has acknowledged the event.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("topic", "key", "version", name="outbox_topic_key_version"),
        Index(
            "outbox_unpublished",
            "id",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    topic: str
    partition: int
    key: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class RefusedEventRow(KitModel, table=True):
    """An event that the broker refuses for good, set aside so that others can be published.

    `id` is its id in the outbox, or a higher one, because SQLite assigns the id of a deleted last row again.
    """

    __tablename__ = "refused_event"
    __table_args__ = (Index("refused_event_key", "topic", "key"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    topic: str
    partition: int
    key: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str
    refused_at: datetime = Field(sa_column=utc_column())


class LeaseRow(KitModel, table=True):
    """Which process may publish. Taking the lease raises `epoch`, and events can be marked as published only under the current
    epoch."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    owner: str
    epoch: int = Field(sa_column=Column(BigInteger, nullable=False))
    expires_at: datetime = Field(sa_column=utc_column())


class FenceRow(KitModel, table=True):
    """One row per consumer and partition number: the owner's epoch, and what the partition's state was built with.

    `offsets` maps each input topic to the next offset to read.
    """

    __tablename__ = "fence"

    consumer: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    epoch: int = Field(sa_column=Column(BigInteger, nullable=False))
    owner: str
    offsets: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    catalog_offset: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    day: date | None = None
    policy_version: int = 0


class DeadLetterRow(KitModel, table=True):
    """A record that was set aside, with its coordinates and the reason. `status`: open, requested, superseded, replayed or
    dismissed.

    `attempts` counts the replays, `replay_at` is when a requested replay is due, and `note` is the operator's reason for a
    decision.
    """

    __tablename__ = "dead_letter"
    __table_args__ = (
        UniqueConstraint("consumer", "log_id", "topic", "partition", "offset", name="dead_letter_coordinates"),
        Index("dead_letter_open", "consumer", "partition", "status"),
        Index("dead_letter_status", "status", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    consumer: str
    log_id: str
    topic: str
    partition: int
    offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    payload: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    reason: str
    detail: str
    status: str = "open"
    seen_at: datetime = Field(sa_column=utc_column())
    resolved_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    resolved_by: str | None = None
    note: str | None = None
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    attempted_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    replay_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class HaltRow(KitModel, table=True):
    """A halted topic of a consumer's partition number (`makersync.effects.halts`); an empty topic means the whole number."""

    __tablename__ = "halt"

    consumer: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    reason: str
    since: datetime = Field(sa_column=utc_column())
    resume_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    resume_by: str | None = None


class LogIdentityRow(KitModel, table=True):
    """The id of the log that this service works on; a single row."""

    __tablename__ = "log_identity"

    id: int = Field(default=1, primary_key=True)
    log_id: str


class OwnMarkRow(KitModel, table=True):
    """How far a partition of the service's own topics has been compared with the store (`makersync.effects.agreement`).

    `newest_outbox` is the newest outbox id at that time. A mark with a higher one than the present outbox has is ignored.
    """

    __tablename__ = "own_mark"

    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    newest_outbox: int = Field(sa_column=Column(BigInteger, nullable=False))


class AheadRow(KitModel, table=True):
    """A key for which the service's own topics hold a version above the store's newest, or another event at that version.

    It is kept until the store has passed that version, because compaction may remove the record itself. `covered`: the record
    arrived while the service was running, so a foreign process wrote it, and the store's newest event is published after it.
    """

    __tablename__ = "ahead"

    topic: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    partition: int
    offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    event_id: str
    covered: bool


class ConditionRow(KitModel, table=True):
    """A problem that lasts until somebody resolves it (`makersync.effects.conditions`)."""

    __tablename__ = "condition"

    name: str = Field(primary_key=True)
    problem: str
    remedy: str
    stops_writes: bool
    since: datetime = Field(sa_column=utc_column())


class ApiKeyRow(KitModel, table=True):
    """An API key, with only a keyed hash of its secret. Operators' keys have no organisation.

    `replaces` is the key that was rotated into this one. It is unique, so that a key is rotated only once even if two requests
    race. `last_used_at` is known to the hour.
    """

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    organisation_id: str | None = Field(default=None, index=True)
    name: str
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    digest: str
    created_at: datetime = Field(sa_column=utc_column())
    expires_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    replaces: str | None = Field(default=None, unique=True, index=True)
    last_used_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class IdempotencyRow(KitModel, table=True):
    """The response to a creation, kept for a day under the caller's idempotency key, in the same transaction as the
    creation."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_created_at", "created_at"),)

    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_digest: str
    status: int
    location: str | None = None
    etag: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=utc_column())


class AuditRow(KitModel, table=True):
    """One action of an operator."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=utc_column())
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class ActivityRow(KitModel, table=True):
    """One act in an organisation, by one of its people or keys, by an operator, or by another organisation. `subject` is the
    id of what it was about, and nothing here says anything of a learner but an id."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("activity_organisation", "organisation_id", "id"),
        Index("activity_action", "organisation_id", "action", "id"),
        Index("activity_actor", "organisation_id", "actor", "id"),
        Index("activity_subject", "organisation_id", "subject", "id"),
        Index("activity_at", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    organisation_id: str
    at: datetime = Field(sa_column=utc_column())
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
