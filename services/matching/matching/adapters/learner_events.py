"""The events of learners as this service reads them, and the learners that they stand for."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contracts.topics import LEARNER
from contracts.wire import (
    MOST_AWARDS,
)
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import Cents, Id, Place, Zip, kinds_of, require_days, require_place
from matching.domain.market.subjects import (
    AwardStatus,
    Evidence,
    MarketAward,
    MarketLearner,
    Shift,
)


class AwardRead(ReaderStruct, frozen=True, kw_only=True):
    award_id: Id
    credential: Id
    status: AwardStatus
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None
    evidence: Evidence

    def __post_init__(self) -> None:
        require_days(self.issued_on, self.expires_on, self.expected_on)

    def to_domain(self) -> MarketAward:
        return MarketAward(
            award_id=self.award_id,
            credential=self.credential,
            status=self.status,
            evidence=self.evidence,
            issued_on=self.issued_on,
            expires_on=self.expires_on,
            expected_on=self.expected_on,
        )


class LearnerRead(ReaderStruct, frozen=True, kw_only=True):
    """A learner in one region of the reach (MARKET.md section 4)."""

    learner_id: Id
    provider_id: Id
    region: Place
    zip: Zip
    reach_km: Annotated[int, Meta(ge=1, le=300)] = 40
    remote_ok: bool = False
    seeking: bool
    seeking_since: date | None = None
    consents_to_matching: bool
    available_from: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_floor: Cents | None = None
    awards: Annotated[tuple[AwardRead, ...], Meta(max_length=MOST_AWARDS)] = ()

    def __post_init__(self) -> None:
        require_place(self.zip)
        require_days(self.seeking_since, self.available_from)
        if len({award.award_id for award in self.awards}) != len(self.awards):
            raise ValueError("an award id is repeated")

    def to_domain(self, version: int) -> MarketLearner:
        return MarketLearner(
            learner_id=self.learner_id,
            provider_id=self.provider_id,
            zip=self.zip,
            seeking=self.seeking,
            consents_to_matching=self.consents_to_matching,
            reach_km=self.reach_km,
            remote_ok=self.remote_ok,
            seeking_since=self.seeking_since,
            available_from=self.available_from,
            shifts=self.shifts,
            wage_floor=self.wage_floor,
            awards=tuple([award.to_domain() for award in self.awards]),
            version=version,
        )


class LearnerEndRead(ReaderStruct, frozen=True, kw_only=True):
    learner_id: Id
    region: Place


_LEARNER_ENDS = {"LearnerWithdrawn": LearnerEndRead, "LearnerErased": LearnerEndRead}

LEARNER_READER = Reader(LEARNER, {**dict.fromkeys(kinds_of("learners.", LEARNER.types), LearnerRead), **_LEARNER_ENDS})
