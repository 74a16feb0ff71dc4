"""The moves that keep the demo market going. Each carries what it is about as it was before, unless it says otherwise."""

from dataclasses import dataclass

from demo.market.drafts import AwardDraft, LearnerDraft, OpeningDraft


@dataclass(frozen=True, slots=True)
class PublishOpening:
    """A new opening."""

    opening: OpeningDraft


@dataclass(frozen=True, slots=True)
class ReviseOpening:
    """`opening` as it is to be."""

    opening: OpeningDraft


@dataclass(frozen=True, slots=True)
class FillPosition:
    """One more of its positions is filled."""

    opening: OpeningDraft


@dataclass(frozen=True, slots=True)
class CloseOpening:
    opening: OpeningDraft


@dataclass(frozen=True, slots=True)
class RegisterLearner:
    """A new learner, awards included."""

    learner: LearnerDraft


@dataclass(frozen=True, slots=True)
class RecordAward:
    learner: LearnerDraft
    award: AwardDraft


@dataclass(frozen=True, slots=True)
class ChangeAward:
    """`award` as it is to be; `how` is `renew`, `suspend`, `reinstate`, `revoke`, or `expire`: it turns out to end today."""

    learner: LearnerDraft
    award: AwardDraft
    how: str


@dataclass(frozen=True, slots=True)
class SetConsent:
    learner: LearnerDraft
    consents: bool


@dataclass(frozen=True, slots=True)
class MoveLearner:
    """The learner's new home is at `zip`, in the same region or another of the plan."""

    learner: LearnerDraft
    zip: str


@dataclass(frozen=True, slots=True)
class EraseLearner:
    learner: LearnerDraft


Move = (
    PublishOpening
    | ReviseOpening
    | FillPosition
    | CloseOpening
    | RegisterLearner
    | RecordAward
    | ChangeAward
    | SetConsent
    | MoveLearner
    | EraseLearner
)
