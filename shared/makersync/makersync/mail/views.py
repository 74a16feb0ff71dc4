"""How recipients of mail and their messages are shown."""

from datetime import datetime

from pydantic import BaseModel, Field

from makersync.mail.message_making import stretches
from makersync.mail.states import OUTCOMES, Cadence, MessageKind, MessageState, RecipientState, Weekday
from makersync.mail.tables import MailMessageRow, RecipientRow

RECIPIENT_EXAMPLE, MESSAGE_EXAMPLE = "mrc_01kb1q5ve0v2j8y5h3m9c7t4rn", "mml_01kb1q5ve0f6x2w8d4s9b7k3qa"
_AT, _DUE = "2026-11-22T09:30:00Z", "2026-11-23T07:00:00Z"
_MEANINGS = "; ".join(f"`{name}`: {meaning}" for name, meaning in OUTCOMES.items())


class RecipientView(BaseModel):
    """A recipient of mail, with what has become of what was sent."""

    id: str = Field(description="Id of the recipient.", examples=[RECIPIENT_EXAMPLE])
    address: str | None = Field(
        description="The address. Null in the answer to a repetition, since answers are kept for a day.",
        examples=["hiring@example.org"],
    )
    description: str = Field(description="What people call the recipient.", examples=["Hiring desk"])
    types: dict[str, Cadence] = Field(
        description="Types of entries that are told, and how.", examples=[{"match.proposed": "daily"}]
    )
    hour: int = Field(description="The hour of digests, in the time zone of the deployment.", examples=[7])
    weekday: Weekday = Field(description="The day of weekly digests.", examples=["monday"])
    state: RecipientState = Field(description="Whether mail is sent.", examples=["active"])
    reason: str | None = Field(
        description="Why it is not any more: `unsubscribed` by the person, or `refused`, as three messages in a row were.",
        examples=[None],
    )
    since: datetime = Field(description="Since when the state is so, UTC.", examples=[_AT])
    confirmed_at: datetime | None = Field(description="When the person agreed, UTC; null: not yet.", examples=[_AT])
    next_daily_at: datetime | None = Field(description="When the next daily digest is due, UTC.", examples=[_DUE])
    next_weekly_at: datetime | None = Field(description="When the next weekly digest is due, UTC.", examples=[None])
    last_sent_at: datetime | None = Field(
        description="When the mail server last took a message, UTC; that it arrived is not known.",
        examples=[_AT],
    )
    last_error: str | None = Field(
        description=f"The outcome of the last attempt that failed, null if none has. {_MEANINGS}.", examples=[None]
    )
    last_error_at: datetime | None = Field(description="When that was, UTC.", examples=[None])
    created_at: datetime = Field(description="When the recipient was made, UTC.", examples=[_AT])

    @classmethod
    def of(cls, row: RecipientRow) -> "RecipientView":
        is_told = row.state == RecipientState.ACTIVE
        due = {"next_daily_at": row.daily_at if is_told else None, "next_weekly_at": row.weekly_at if is_told else None}
        return cls.model_validate({**row.model_dump(), "types": row.cadences, **due})


class RecipientList(BaseModel):
    """All recipients of an organisation."""

    items: list[RecipientView] = Field(description="Newest first.")


class MessageView(BaseModel):
    """One message to a recipient. What it said is not kept."""

    id: str = Field(description="Id of the message, and the first part of its Message-ID.", examples=[MESSAGE_EXAMPLE])
    kind: MessageKind = Field(description="What kind of message it is.", examples=["daily"])
    first: int | None = Field(description="The first position of the feed that it covers; null: none.", examples=[4712])
    last: int | None = Field(description="The last position that it covers; null: none.", examples=[4720])
    state: MessageState = Field(description="What has become of it.", examples=["sent"])
    attempts: int = Field(description="Attempts at it, without those while the mail server was away.", examples=[1])
    outcome: str | None = Field(description=f"What the last one came to; null: there was none. {_MEANINGS}.", examples=["sent"])
    next_at: datetime | None = Field(
        description="Not before this is it attempted again, UTC; null: it is not.", examples=[None]
    )
    created_at: datetime = Field(description="When it was made, UTC.", examples=[_AT])
    finished_at: datetime | None = Field(
        description="When it was sent, given up or dropped, UTC; null: none of it yet.", examples=[_AT]
    )

    @classmethod
    def of(cls, row: MailMessageRow) -> "MessageView":
        covered = stretches(row)
        covers = {"first": covered[0].after + 1 if covered else None, "last": row.upto}
        next_at = row.next_at if row.state == MessageState.PENDING else None
        return cls.model_validate({**row.model_dump(), **covers, "next_at": next_at})
