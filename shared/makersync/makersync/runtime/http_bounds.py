"""Limits of an HTTP server, including the file descriptors that are reserved for the broker and the database."""

import resource
from contextlib import suppress
from dataclasses import dataclass

#: Connections waiting to be accepted. All of them may be accepted in one turn of the event loop, before the first surplus one
#: is closed.
BACKLOG = 256
#: File descriptors that HTTP connections never use: those of broker and database connections and of files, and one backlog.
RESERVED = 256 + BACKLOG
LEAST_CONNECTIONS = 16
#: Connections to the inner port, which supervisors and dashboards use.
INNER_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Durations are in seconds, sizes in bytes. `head` is the request line together with the headers."""

    connections: int = 1000
    head_bytes: int = 32 * 1024
    headers: int = 100
    #: As sent, with chunk framing and trailers: a multiple of what the application accepts.
    body_bytes: int = 2 * 1024 * 1024
    head_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 15.0
    #: How long a response may wait for its reader.
    write_s: float = 30.0
    #: How long to keep reading from a refused caller, because a reset would discard the response before it is read.
    linger_s: float = 2.0
    #: How often deadlines are checked.
    sweep_s: float = 0.5


def raise_descriptor_limit() -> int:
    """Raise the limit on file descriptors to the maximum for this process; returns that limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # Some systems report a hard limit that they do not grant.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft


def connections_within(wanted: int, descriptors: int) -> int:
    """The number of connections that leaves the reserve untouched, or a quarter of all descriptors if there are too few for
    that."""
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    left = descriptors - RESERVED if descriptors >= 2 * RESERVED else descriptors // 4
    return max(LEAST_CONNECTIONS, min(wanted, left))
