"""Links an event to the request or event that caused it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trace:
    """`traceparent` is the W3C header, validated by the caller that binds it. `is_replay` marks the replay of a dead letter."""

    correlation_id: str | None = None
    traceparent: str | None = None
    is_replay: bool = False


_UNTRACED = Trace()
_current: ContextVar[Trace] = ContextVar("makersync_trace", default=_UNTRACED)


def current_trace() -> Trace:
    return _current.get()


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Bind `trace` for the block, in the current task."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)
