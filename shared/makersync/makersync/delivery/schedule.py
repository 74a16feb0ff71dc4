"""When a delivery is attempted: the schedule that Standard Webhooks 1.0 recommends, with jitter, and what Retry-After asks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

_MINUTE, _HOUR = 60.0, 3600.0
#: Seconds between an attempt and the one before it. After the last, the delivery has failed.
GAPS_S = (0.0, 5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
#: A gap is longer by up to this share, so that the deliveries that failed together do not come back together.
JITTER = 0.1
#: No receiver can put a delivery off for longer, seconds.
LONGEST_WAIT_S = 24 * _HOUR
#: Statuses with which Retry-After is heeded.
ASKING = (429, 503)


def next_gap(attempts: int, random: Random) -> float | None:
    """Seconds until the next attempt after so many; None after the last."""
    if attempts >= len(GAPS_S):
        return None
    return GAPS_S[attempts] * (1 + JITTER * random.random())


def asked_wait(status: int, headers: Mapping[str, str], now: datetime) -> float:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3); 0 if it does not, or not in a form that can be read."""
    asked = headers.get("retry-after", "").strip() if status in ASKING else ""
    return min(max(_seconds(asked, now), 0.0), LONGEST_WAIT_S)


def _seconds(asked: str, now: datetime) -> float:
    if asked.isascii() and asked.isdecimal():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    return (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
