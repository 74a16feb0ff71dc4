"""The days on which learners, openings and cohorts change by themselves, so that only these are looked at when a day comes."""

from datetime import date

from pyroaring import BitMap

from contracts.vocabulary import AwardStatus
from matching.domain.market.subjects import MarketLearner

NEVER = 0


class Calendar:
    """Slots by the ordinal of the day on which they are due; each slot is due once at most."""

    def __init__(self) -> None:
        self._days: dict[int, BitMap] = {}

    def put(self, slot: int, day: int) -> None:
        """`slot` is due on `day`; nothing on NEVER."""
        if day != NEVER:
            self._days.setdefault(day, BitMap()).add(slot)

    def drop(self, slot: int, day: int) -> None:
        """`slot` is no longer due on `day`."""
        if day != NEVER and (slots := self._days.get(day)) is not None:
            slots.discard(slot)
            if not slots:
                del self._days[day]

    def take(self, today: int) -> list[int]:
        """Everything due by `today`, which is then no longer due."""
        due = [day for day in self._days if day <= today]
        return list(BitMap.union(*(self._days.pop(day) for day in due))) if due else []


def learner_due(learner: MarketLearner, today: date, pipeline_days: int) -> int:
    """The ordinal of the next day on which an award of the learner begins, ends or comes into the pipeline's horizon."""
    now = today.toordinal()
    days = (day for award in learner.awards for day in _turns(award.status, award.issued_on, award.expires_on))
    expected = (
        award.expected_on.toordinal() - pipeline_days
        for award in learner.awards
        if award.status == AwardStatus.IN_PROGRESS and award.expected_on is not None
    )
    return min((day for day in (*days, *expected) if day > now), default=NEVER)


def _turns(status: AwardStatus, issued_on: date | None, expires_on: date | None) -> tuple[int, ...]:
    if status != AwardStatus.ACTIVE or issued_on is None:
        return ()
    return (issued_on.toordinal(),) if expires_on is None else (issued_on.toordinal(), expires_on.toordinal())
