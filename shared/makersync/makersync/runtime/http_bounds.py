"""How much one HTTP server gives to strangers, and what it keeps back for the broker and the database."""

import resource
from contextlib import suppress
from dataclasses import dataclass

#: Waiting to be accepted: all of them may be taken in one turn of the loop, before the first surplus one is closed.
BACKLOG = 256
#: Descriptors that connections never take: the broker's and the database's connections, files, and one backlog.
RESERVED = 256 + BACKLOG
LEAST_CONNECTIONS = 16
#: To the inner port, where supervisors and dashboards ask.
INNER_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Durations in seconds, sizes in bytes. `head`: request line and headers together."""

    connections: int = 1000
    head_bytes: int = 32 * 1024
    headers: int = 100
    #: As sent, in chunks and with trailers: some times what the application takes.
    body_bytes: int = 2 * 1024 * 1024
    head_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 15.0
    #: How long an answer may wait for its reader.
    write_s: float = 30.0
    #: How long a refused caller is listened to, because a reset would take the refusal away from it.
    linger_s: float = 2.0
    #: How often deadlines are looked at.
    sweep_s: float = 0.5


def raise_descriptor_limit() -> int:
    """As many descriptors as this process may have; returns how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # Some systems name a hard limit that they do not grant.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft


def connections_within(wanted: int, descriptors: int) -> int:
    """How many connections leave the reserve untouched; where there is hardly one, a quarter of all descriptors."""
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    left = descriptors - RESERVED if descriptors >= 2 * RESERVED else descriptors // 4
    return max(LEAST_CONNECTIONS, min(wanted, left))
