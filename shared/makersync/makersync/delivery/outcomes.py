"""What an attempt has come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from makersync.delivery.outbound import Reply
from makersync.delivery.schedule import asked_wait

#: Nobody has told yet what an attempt has come to.
UNKNOWN = "unknown"
#: The fixed names of outcomes, as the log shows them.
OUTCOMES: Mapping[str, str] = {
    "delivered": "the receiver answered with 2xx",
    "refused": "it answered with another status",
    "redirected": "it answered with 3xx, which is not followed",
    "gone": "it answered with 410, which disables the webhook",
    "timeout": "there was no answer within 15 seconds",
    "no_connection": "nothing took the connection, or it broke before the answer",
    "tls_failed": "the certificate is not valid for the name, or TLS failed otherwise",
    "name_not_found": "the name of the host is not known",
    "address_refused": "the name leads to an address that is not public",
    "answer_malformed": "what came back is no HTTP answer",
    "forgotten": "the feed no longer keeps the entry, so that there was nothing to send",
    "secret_lost": "the signing secret cannot be read any more: rotate it",
    UNKNOWN: "the attempt is under way, or its process was stopped before it could tell: the message may have arrived",
}
_LONGEST_SHOWN = 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt has come to, with what the log keeps of it. `asked_s`: seconds that the receiver asks to wait."""

    name: str
    at: datetime
    duration_ms: int
    status: int | None = None
    answer: str | None = None
    asked_s: float = 0.0

    @property
    def is_delivered(self) -> bool:
        return self.name == "delivered"

    @property
    def is_final(self) -> bool:
        """Whether a further attempt would come to the same."""
        return self.name == "forgotten"


def outcome_of(reply: Reply, at: datetime, duration_ms: int) -> Outcome:
    if reply.status is None:
        return Outcome(reply.fault or "no_connection", at, duration_ms)
    asked_s = asked_wait(reply.status, reply.headers, at)
    return Outcome(_name(reply.status), at, duration_ms, reply.status, _text(reply.body), asked_s)


def _name(status: int) -> str:
    if 200 <= status < 300:
        return "delivered"
    if status == 410:
        return "gone"
    return "redirected" if 300 <= status < 400 else "refused"


def _text(body: bytes) -> str:
    """What can be stored and shown: PostgreSQL stores no NUL."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")[:_LONGEST_SHOWN]
