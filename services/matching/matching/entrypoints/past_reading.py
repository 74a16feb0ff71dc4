"""Finds the moment that somebody asks about in the past of a pair, and explains the pair as of it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.problems import NotFound, ValidationProblem
from matching.adapters.past_repository import PastExplanation, explained_then, pair_past
from matching.domain.explanation.pair_past import AsOf, PairPast

NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class PastReader:
    """Reads the past of pairs, of which `keep_days` are kept."""

    clock: Clock
    keep_days: int

    async def past(self, session: AsyncSession, opening_id: str, learner_id: str) -> PairPast:
        """Raises NotFound when there is no such pair."""
        found = await pair_past(session, self.clock, self.keep_days, opening_id, learner_id)
        if found is None:
            raise NotFound("no_such_thing", "There is no such pair.")
        return found

    async def explained(
        self, session: AsyncSession, past: PairPast, pair: tuple[str, str], at: str
    ) -> tuple[AsOf, PastExplanation]:
        """Raises NotFound and ValidationProblem naming `at`."""
        as_of = asked_moment(past, at)
        return as_of, await explained_then(session, past, pair, as_of)


def asked_moment(past: PairPast, at: str) -> AsOf:
    """What `at` means: an event's key or id, or a moment. Raises NotFound when it is not kept, and ValidationProblem."""
    event = past.event(at)
    moment = None if event is not None else _moment(at)
    if event is None and moment is None:
        raise ValidationProblem.of(
            "at", "no_such_event", "must be the key or id of an event of the pair, or a moment such as 2026-11-24T09:30:00Z"
        )
    found = past.at_event(event) if event is not None else past.at_moment(moment or datetime.min.replace(tzinfo=UTC))
    if found is None:
        since = "Nothing of it is kept yet." if past.since is None else f"It is kept since {past.since.isoformat()}."
        raise NotFound(NOT_KEPT, f"What was so then is not kept. {since}")
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
