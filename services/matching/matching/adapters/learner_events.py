"""The events of learners as this service reads them, and the learners that they stand for."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contracts.topics import LEARNER
from contracts.vocabulary import AwardStatus, Evidence, Shift
from contracts.wire import MOST_AWARDS
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import Cents, Id, Place, Reference, Zip, given, kinds_of, require_days, require_place
from matching.domain.market.subjects import REACH_KM, MarketAward, MarketLearner


class AwardRead(ReaderStruct, frozen=True, kw_only=True):
    award_id: Id
    credential: Reference
    status: AwardStatus
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None
    evidence: Evidence

    def __post_init__(self) -> None:
        require_days(self.issued_on, self.expires_on, self.expected_on)


class LearnerRead(ReaderStruct, frozen=True, kw_only=True):
    """A learner in one region of the reach (MARKET.md section 4)."""

    learner_id: Id
    provider_id: Id
    region: Place
    zip: Zip
    reach_km: Annotated[int, Meta(ge=1, le=300)] = REACH_KM
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
        return learner_of(self, version)


def learner_of(read: LearnerRead, version: int) -> MarketLearner:
    """The learner whom an event or a market file describes; what the file leaves out has its default."""
    return MarketLearner(
        learner_id=read.learner_id,
        provider_id=read.provider_id,
        zip=read.zip,
        seeking=read.seeking,
        consents_to_matching=read.consents_to_matching,
        reach_km=read.reach_km or REACH_KM,
        remote_ok=bool(read.remote_ok),
        seeking_since=read.seeking_since or None,
        available_from=read.available_from or None,
        shifts=frozenset(read.shifts or ()),
        wage_floor=given(read.wage_floor),
        awards=tuple([_award_of(each) for each in read.awards or ()]),
        version=version,
    )


def _award_of(read: AwardRead) -> MarketAward:
    return MarketAward(
        award_id=read.award_id,
        credential=read.credential,
        status=read.status,
        evidence=read.evidence,
        issued_on=read.issued_on or None,
        expires_on=read.expires_on or None,
        expected_on=read.expected_on or None,
    )


class LearnerEndRead(ReaderStruct, frozen=True, kw_only=True):
    learner_id: Id
    region: Place


_LEARNER_ENDS = {"LearnerWithdrawn": LearnerEndRead, "LearnerErased": LearnerEndRead}

LEARNER_READER = Reader(LEARNER, {**dict.fromkeys(kinds_of("learners.", LEARNER.types), LearnerRead), **_LEARNER_ENDS})
