"""The tables of mail, in the database of each service that sends it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, text
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from makersync.store.tables import BigSerial, utc_column


class MailModel(SQLModel, registry=registry()):
    """Base of the tables of mail. Migrations are compared with `MailModel.metadata`."""


class RecipientRow(MailModel, table=True):
    """A person whom an organisation has its feed told to.

    `cadences` maps types of entries to how they are told; types that are absent are not. Up to `immediate_cursor`,
    `daily_cursor` and `weekly_cursor` entries have become messages; the next digests are due at `daily_at` and `weekly_at`,
    null without types of the cadence, and no notice is made before `immediate_at`. `refusals` of the address have come one
    after another. The two tokens are sealed, since mails carry them, and are looked up by their keyed hashes.
    """

    __tablename__ = "mail_recipient"
    __table_args__ = (Index("mail_recipient_address", "organisation_id", "address_key", unique=True),)

    id: str = Field(primary_key=True)
    organisation_id: str
    address: str
    address_key: str
    description: str
    cadences: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    hour: int
    weekday: str
    version: int = 1
    state: str = Field(index=True)
    reason: str | None = None
    since: datetime = Field(sa_column=utc_column())
    has_immediate: bool = False
    immediate_cursor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    daily_cursor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    weekly_cursor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    immediate_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    daily_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    weekly_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    refusals: int = 0
    last_sent_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    last_error: str | None = None
    last_error_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    unsubscribe_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    unsubscribe_digest: str = Field(index=True)
    confirm_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    confirm_digest: str | None = Field(default=None, index=True)
    confirm_until: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    created_at: datetime = Field(sa_column=utc_column())


class MailMessageRow(MailModel, table=True):
    """One message to one recipient. What it says is read from the feed when it is sent: the entries after `after` and up to
    `upto` that `cadences` tells by the cadence `kind`, and the `earlier` stretches of other choices that it tells as well.

    While a sender works on it, the message is its `owner`'s `until`, database time, and `claim` tells that sender's turn from
    those before.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        Index("mail_message_created", "recipient_id", "created_at", "id"),
        Index("mail_message_finished", "finished_at"),
        Index(
            "mail_message_pending",
            "recipient_id",
            "next_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: str = Field(primary_key=True)
    recipient_id: str
    kind: str
    after: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    upto: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    cadences: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    earlier: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str
    attempts: int = 0
    outcome: str | None = None
    next_at: datetime = Field(sa_column=utc_column())
    owner: str | None = None
    until: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    claim: int = 0
    created_at: datetime = Field(sa_column=utc_column())
    finished_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class MailInvitationRow(MailModel, table=True):
    """An organisation had an address asked whether it wants mail. It is kept `until`, and outlasts the recipient, so that
    nobody is asked again and again; of the address only a keyed hash is kept. `unsubscribe_digest` is the recipient's, by which
    the person can still decline; null once the person has agreed. `declined`: the person wanted no mail."""

    __tablename__ = "mail_invitation"
    __table_args__ = (Index("mail_invitation_whom", "organisation_id", "address_digest"),)

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    organisation_id: str
    address_digest: str
    unsubscribe_digest: str | None = Field(default=None, index=True)
    declined: bool = False
    at: datetime = Field(sa_column=utc_column())
    until: datetime = Field(sa_column=utc_column())


class MailServerRow(MailModel, table=True):
    """What senders last found about the mail server; a single row. Without a problem it takes mail."""

    __tablename__ = "mail_server"

    id: int = Field(default=1, primary_key=True)
    problem: str | None = None
    since: datetime = Field(sa_column=utc_column())
