"""The tables of webhooks, in the database of each service that sends them."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, text
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from makersync.store.tables import BigSerial, utc_column


class DeliveryModel(SQLModel, registry=registry()):
    """Base of the tables of webhooks. Migrations are compared with `DeliveryModel.metadata`."""


class WebhookRow(DeliveryModel, table=True):
    """An address that an organisation's messages are sent to.

    Entries of the feed up to `cursor` have become deliveries, or are of types that are not wanted. During a replay, those
    after `replay_after` and up to `replay_to` become deliveries again. `failures` have come one after another since
    `failing_since`. Nothing is sent before `not_before`, database time. There is nothing to do before `look_at`, database time,
    unless the feed moves; null: not until it moves.
    """

    __tablename__ = "webhook"
    __table_args__ = (Index("webhook_look", "look_at"),)

    id: str = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    url: str
    description: str
    types: list[str] = Field(sa_column=Column(JSON, nullable=False))
    signing: str
    version: int = 1
    state: str
    reason: str | None = None
    since: datetime = Field(sa_column=utc_column())
    cursor: int = Field(sa_column=Column(BigInteger, nullable=False))
    replay_after: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    replay_to: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    not_before: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    look_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    created_at: datetime = Field(sa_column=utc_column())


class WebhookSecretRow(DeliveryModel, table=True):
    """What messages are signed with, sealed (`makersync.delivery.sealing`). One that was replaced signs until `ends_at`."""

    __tablename__ = "webhook_secret"

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    webhook_id: str = Field(index=True)
    signing: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    public_key: str | None = None
    created_at: datetime = Field(sa_column=utc_column())
    ends_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class DeliveryRow(DeliveryModel, table=True):
    """One message to one webhook. `state`: pending, delivered or failed.

    A test has no position. `attempts` counts those since the delivery was made or replayed; while a sender works on it, the
    delivery is its `owner`'s `until`, database time, and `claim` tells that sender's turn from those before.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("webhook_delivery_position", "webhook_id", "position", unique=True),
        Index("webhook_delivery_created", "webhook_id", "created_at", "id"),
        Index("webhook_delivery_finished", "finished_at"),
        Index(
            "webhook_delivery_pending",
            "webhook_id",
            "subject",
            "position",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: str = Field(primary_key=True)
    webhook_id: str
    position: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    type: str
    subject: str
    state: str
    attempts: int = 0
    next_at: datetime = Field(sa_column=utc_column())
    owner: str | None = None
    until: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    claim: int = 0
    created_at: datetime = Field(sa_column=utc_column())
    finished_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class AttemptRow(DeliveryModel, table=True):
    """One attempt at a delivery: its outcome, the status and the first kilobyte of the answer if there was one.

    `number` is that of the claim, so that no attempt has two entries; null before there were numbers.
    """

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("webhook_attempt_number", "delivery_id", "number", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    delivery_id: str
    number: int | None = None
    at: datetime = Field(sa_column=utc_column())
    outcome: str
    status: int | None = None
    duration_ms: int | None = None
    answer: str | None = None
