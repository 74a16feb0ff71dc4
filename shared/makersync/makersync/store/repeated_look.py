"""Looks at the database that are taken again and again, skipped while nothing was committed."""

from makersync.clock import Clock
from makersync.store.database import Store

#: A look is repeated at least this often, seconds, since what it finds may also depend on the time.
LONGEST_S = 5.0


class RepeatedLook:
    """One such look. It can be skipped while nothing has been committed since it last found nothing to do. PostgreSQL
    does not say so without a query, so no look at it is skipped."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._begun: int | None = None
        self._idle: tuple[int, float] | None = None

    def is_needed(self) -> bool:
        """Call it before the look: what is committed during the look needs another."""
        self._begun = self._store.version()
        if self._begun is None or self._idle is None:
            return True
        version, at = self._idle
        return version != self._begun or self._clock.monotonic() - at >= LONGEST_S

    def found_nothing(self) -> None:
        """The look that has begun last found nothing to do."""
        self._idle = None if self._begun is None else (self._begun, self._clock.monotonic())
