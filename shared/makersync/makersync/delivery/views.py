"""How webhooks and their deliveries are shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from makersync.delivery.health import HealthReason, WebhookState
from makersync.delivery.messages import message_id
from makersync.delivery.outcomes import OUTCOMES
from makersync.delivery.signing import Signing
from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow, WebhookSecretRow

WEBHOOK_EXAMPLE = "whk_01kb1q5ve0v2j8y5h3m9c7t4rn"
DELIVERY_EXAMPLE = "dlv_01kb1q5ve0f6x2w8d4s9b7k3qa"
_AT = "2026-11-22T09:30:00Z"


class DeliveryState(StrEnum):
    """Pending: it is sent, or will be. Delivered: the receiver took it. Failed: no further attempt is made."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class SigningKeyView(BaseModel):
    """A secret or key that messages are signed with, without what is secret about it."""

    public_key: str | None = Field(
        description="The public key, with `ed25519`; null with `hmac`.",
        examples=["whpk_3CvYYkvbeRdQ4LD0gjsDUl2gIFHRiK9Hc2F2XOFxiF0="],
    )
    created_at: datetime = Field(description="When it was made, UTC.", examples=[_AT])
    ends_at: datetime | None = Field(
        description="Until when messages are signed with it too, UTC; null: it is the present one.", examples=[None]
    )

    @classmethod
    def of(cls, row: WebhookSecretRow) -> "SigningKeyView":
        return cls(public_key=row.public_key, created_at=row.created_at, ends_at=row.ends_at)


class WebhookView(BaseModel):
    """A webhook, without its secret."""

    id: str = Field(description="Id of the webhook.", examples=[WEBHOOK_EXAMPLE])
    url: str = Field(description="Where messages are posted to.", examples=["https://ats.example.org/hooks/makersync"])
    description: str = Field(description="What people call the receiver.", examples=["Applicant tracking system"])
    types: list[str] = Field(description="Types of entries that are sent; empty: all.", examples=[["match.proposed"]])
    state: WebhookState = Field(description="Whether messages are sent.", examples=["active"])
    reason: HealthReason | None = Field(description="Why they are not; null while they are.", examples=[None])
    since: datetime = Field(description="Since when the state is so, UTC.", examples=[_AT])
    failing_since: datetime | None = Field(
        description="The first of the failed attempts since the last success, UTC; null: the last one succeeded. Five days "
        "later the webhook is disabled.",
        examples=[None],
    )
    position: int = Field(
        description="Up to this position of the feed, deliveries have been made of all entries wanted.", examples=[4711]
    )
    signing: Signing = Field(description="How messages are signed.", examples=["hmac"])
    keys: list[SigningKeyView] = Field(description="What they are signed with, the newest first; at most two.")
    created_at: datetime = Field(description="When the webhook was made, UTC.", examples=[_AT])

    @classmethod
    def of(cls, row: WebhookRow, secrets: Iterable[WebhookSecretRow]) -> "WebhookView":
        keys = [SigningKeyView.of(each) for each in secrets if each.webhook_id == row.id]
        shown = row.model_dump(exclude={"keys", "position"})
        return cls.model_validate({**shown, "position": row.cursor, "keys": keys})


class WebhookList(BaseModel):
    """All webhooks of an organisation."""

    items: list[WebhookView] = Field(description="Newest first.")


class IssuedWebhook(BaseModel):
    """A webhook with its new secret, which is shown this once."""

    webhook: WebhookView
    secret: str | None = Field(
        description="The secret to verify messages with, `whsec_...`. Null with `ed25519`, whose public key is among `keys`, "
        "and in the answer to a repetition.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
    )


class DeliveryView(BaseModel):
    """One message to a webhook."""

    id: str = Field(description="Id of the delivery.", examples=[DELIVERY_EXAMPLE])
    message_id: str = Field(
        description="The `webhook-id` of the message, the same on every attempt and in every replay.",
        examples=["msg_01kb1q5ve0v2j8y5h3m9c7t4rn_4712"],
    )
    position: int | None = Field(description="Position of the entry in the feed; null: a test.", examples=[4712])
    type: str = Field(description="Type of the message.", examples=["match.proposed"])
    subject: str = Field(
        description="Id of what the message is about.",
        examples=["opn_01kb1q5ve0v2j8y5h3m9c7t4rn/lrn_01kb1q5ve0f6x2w8d4s9b7k3qa"],
    )
    state: DeliveryState = Field(description="What has become of it.", examples=["delivered"])
    attempts: int = Field(
        description="Attempts since it was made, or replayed, without those whose outcome is unknown.", examples=[1]
    )
    next_at: datetime | None = Field(
        description="Not before this is it attempted again, UTC; null: it is not.", examples=[None]
    )
    created_at: datetime = Field(description="When it was made of the entry, UTC.", examples=[_AT])
    finished_at: datetime | None = Field(
        description="When it was delivered or given up, UTC; null: neither yet.", examples=[_AT]
    )

    @classmethod
    def of(cls, row: DeliveryRow) -> "DeliveryView":
        return cls.model_validate(_shown(row))


class AttemptView(BaseModel):
    """One attempt at a delivery."""

    number: int | None = Field(
        description="Which attempt at this delivery it was: 1 for the first, and no number twice, in replays neither. Null for "
        "attempts before there were numbers.",
        examples=[1],
    )
    at: datetime = Field(description="When it began, UTC.", examples=[_AT])
    outcome: str = Field(
        description="What it came to: " + "; ".join(f"`{name}`: {meaning}" for name, meaning in OUTCOMES.items()) + ".",
        examples=["delivered"],
    )
    status: int | None = Field(description="Status of the answer; null: there was none.", examples=[204])
    duration_ms: int | None = Field(
        description="How long it took, milliseconds; null with the outcome `unknown`.", examples=[120]
    )
    answer: str | None = Field(
        description="The first kilobyte of the answer's body; null: there was none, or it is no longer kept.", examples=["ok"]
    )


class DeliveryDetail(DeliveryView):
    """One message to a webhook, with the attempts at it."""

    log: list[AttemptView] = Field(description="The attempts, newest first, at most 50; those before a replay too.")

    @classmethod
    def with_log(cls, row: DeliveryRow, attempts: Sequence[AttemptRow]) -> "DeliveryDetail":
        log = [AttemptView.model_validate(each, from_attributes=True) for each in attempts]
        return cls.model_validate({**_shown(row), "log": log})


def _shown(row: DeliveryRow) -> dict[str, object]:
    next_at = row.next_at if row.state == DeliveryState.PENDING else None
    return {**row.model_dump(), "message_id": message_id(row), "next_at": next_at}


class ReplayView(BaseModel):
    """What is sent once more."""

    first: int = Field(description="The position of the first entry.", examples=[4712])
    last: int = Field(
        description="The position of the last one; below `first` when all of them are still to be sent for the first time.",
        examples=[4720],
    )
