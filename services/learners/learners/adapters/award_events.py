"""An award as part of its learner's events."""

from contracts.learners import AwardState
from learners.domain.award import Award


def award_state(award: Award) -> AwardState:
    return AwardState(
        award_id=award.award_id,
        credential=award.credential,
        status=award.status.value,
        issued_on=award.dates.issued_on,
        expires_on=award.dates.expires_on,
        expected_on=award.dates.expected_on,
        evidence=award.evidence.value,
    )
