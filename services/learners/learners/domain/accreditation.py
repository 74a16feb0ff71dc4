"""Accreditations of providers for issuers, and the evidence that follows for awards (MARKET.md section 4).

An award is verified when an accreditation of its provider for its issuer covers the instant at which the provider last
answered for it. An accreditation that ends keeps what it covered; one ended retroactively never counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contracts.vocabulary import Evidence
from learners.domain.award import Award
from learners.domain.errors import NotPossible, RuleBroken
from learners.domain.learner import Learner, LearnerChange, LearnerEvent
from learners.domain.values import after, line

REASON_LENGTH = 1000

#: Gives the calendar date on which an instant lies in the deployment's time zone.
DateOf = Callable[[datetime], date]

#: An earlier day, or a later one, is a mistyped year.
EARLIEST, FURTHEST = date(1950, 1, 1), timedelta(days=60 * 366)


@dataclass(frozen=True, slots=True)
class Accreditation:
    """`since` None: from the beginning, so that every award the provider recorded before counts. `until` is the first day
    on which it no longer counts. `ended_at` is when an operator ended it, and `reason` why, where it was said."""

    accreditation_id: str
    provider_id: str
    issuer: str
    since: date | None = None
    until: date | None = None
    ended_at: datetime | None = None
    retroactive: bool = False
    version: int = 1
    reason: str | None = None

    def lasts(self, today: date) -> bool:
        """Whether it covers today or a later day."""
        return self.ended_at is None and (self.until is None or today < self.until)

    def covers(self, instant: datetime, date_of: DateOf) -> bool:
        if self.retroactive or (self.ended_at is not None and instant >= self.ended_at):
            return False
        day = date_of(instant)
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


def grant(accreditation: Accreditation, today: date) -> Accreditation:
    """Raises RuleBroken."""
    for name, day in (("since", accreditation.since), ("until", accreditation.until)):
        if day is not None and not EARLIEST <= day <= today + FURTHEST:
            raise RuleBroken(name, "out_of_range", f"must be from {EARLIEST.isoformat()} to 60 years ahead")
    after("until", accreditation.until, accreditation.since, "since")
    return replace(accreditation, issuer=line("issuer", accreditation.issuer))


def end(accreditation: Accreditation, at: datetime, retroactive: bool, reason: str | None = None) -> Accreditation:
    """Ending one that has ended is allowed only to make its end retroactive. Raises NotPossible and RuleBroken."""
    if accreditation.ended_at is not None and (accreditation.retroactive or not retroactive):
        raise NotPossible("ended", "the accreditation has ended already")
    said = accreditation.reason if reason is None else line("reason", reason, REASON_LENGTH)
    return replace(
        accreditation,
        ended_at=accreditation.ended_at or at,
        retroactive=retroactive,
        version=accreditation.version + 1,
        reason=said,
    )


def derive(award: Award, accreditations: Iterable[Accreditation], date_of: DateOf) -> Award:
    """The award with its evidence as the provider's accreditations for its issuer make it."""
    covered = any(accreditation.covers(award.vouched_at, date_of) for accreditation in accreditations)
    return replace(award, evidence=Evidence.VERIFIED if covered else Evidence.ATTESTED)


def derive_again(
    learner: Learner, by_credential: Mapping[str, tuple[Accreditation, ...]], date_of: DateOf
) -> LearnerChange | None:
    """The learner after an accreditation changed; None when no evidence changes. Awards of other credentials stay as they are.

    All changes are one version: AwardCorrected when any award is no longer verified, else AwardVerified.
    """
    awards = tuple(
        derive(award, by_credential[award.credential], date_of) if award.credential in by_credential else award
        for award in learner.awards
    )
    if awards == learner.awards:
        return None
    lost = any(
        old.evidence is Evidence.VERIFIED and new.evidence is Evidence.ATTESTED
        for old, new in zip(learner.awards, awards, strict=True)
    )
    kind = LearnerEvent.AWARD_CORRECTED if lost else LearnerEvent.AWARD_VERIFIED
    return LearnerChange(replace(learner, awards=awards, version=learner.version + 1), kind)


def with_other_evidence(before: Learner, after: Learner) -> Iterator[Award]:
    """The awards of `after` whose evidence is not what it was."""
    known = {award.award_id: award.evidence for award in before.awards}
    return (award for award in after.awards if known.get(award.award_id, award.evidence) is not award.evidence)


@dataclass(frozen=True, slots=True)
class Rederivation:
    """Evidence of a provider's awards of an issuer, to be derived again for the learners after `after_learner`."""

    rederivation_id: int
    provider_id: str
    issuer: str
    after_learner: str
