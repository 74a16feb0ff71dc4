"""The words of mail: how often, to whom, of what kind, and what came of it."""

from collections.abc import Mapping
from enum import StrEnum


class Cadence(StrEnum):
    """How entries of a type are told. Immediate: when they happen, those of five minutes together. Daily and weekly: in a
    digest at the hour of the recipient."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class Weekday(StrEnum):
    """The day of a weekly digest."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as `datetime.date.weekday` counts."""
        return list(Weekday).index(self)


class RecipientState(StrEnum):
    """Unconfirmed: asked, and sent nothing else. Active: has agreed, and is sent what was chosen. Unsubscribed: wants no more.
    Disabled: the address is refused by its server."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    DISABLED = "disabled"


class MessageKind(StrEnum):
    """Confirmation: asks whether mail is wanted. Test: was asked for by the organisation. The others by cadence."""

    CONFIRMATION = "confirmation"
    TEST = "test"
    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class MessageState(StrEnum):
    """Pending: it is sent, or will be. Sent: the mail server took it. Failed: it did not, and no further attempt is made.
    Dropped: there was nothing left to say, or nobody to say it to."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


#: What an attempt can come to. Those of the server say nothing about the message, which then waits until the server is back.
SENT, DROPPED, DEFERRED = "sent", "dropped", "deferred"
OF_MESSAGE: Mapping[str, str] = {
    SENT: "the mail server took the message",
    DROPPED: "there was nothing left to say, or the recipient no longer wants it",
    "address_refused": "the mail server refuses the address for good (5xx)",
    "message_refused": "the mail server refuses the message for good (5xx)",
    "policy_refused": "the mail server refuses it for good (5xx) by its policy, which operators can change",
    DEFERRED: "the mail server refuses it for now (4xx), or did not answer for the address",
    "doubtful": "the connection ended before the mail server had answered whether it took the message",
}
OF_SERVER: Mapping[str, str] = {
    "no_connection": "nothing took the connection to the mail server, or it ended early",
    "timeout": "the mail server did not answer in time",
    "tls_failed": "the mail server offers no TLS, or its certificate is not valid for its name",
    "login_refused": "the mail server refuses the user name and password",
    "sender_refused": "the mail server refuses to send for MAKERSYNC_MAIL_FROM",
    "server_refused": "the mail server refuses to be spoken to",
}
OUTCOMES: Mapping[str, str] = {**OF_MESSAGE, **OF_SERVER}
