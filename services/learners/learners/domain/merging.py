"""Two records of one person: what becomes of everything when one of them takes in the other (decision 0074)."""

from dataclasses import dataclass, replace

from contracts.vocabulary import AwardStatus
from learners.domain.award import Award
from learners.domain.enrolment import awards_with_seat
from learners.domain.errors import RuleBroken
from learners.domain.learner import MOST_AWARDS, Learner, LearnerChange, LearnerEvent, revise
from learners.domain.learner_person import Person


@dataclass(frozen=True, slots=True)
class Merge:
    """Who stays as they are afterwards, and the awards of the other: those that move, and those that would have a second seat
    of a cohort and go."""

    learner: Learner
    person: Person
    moved: tuple[Award, ...]
    dropped: tuple[Award, ...]


def merge(stays: Learner, person: Person, goes: Learner, other: Person) -> Merge:
    """Profile, availability and contact are those of the learner who stays; what is not known of them is taken from the other.
    Only somebody who has consented in both records is matched. Raises RuleBroken."""
    if stays.learner_id == goes.learner_id:
        raise RuleBroken("learner_id", "same_learner", "is the learner who stays")
    dropped = tuple(award for award in goes.awards if _has_seat_already(stays, award))
    moved = tuple(award for award in goes.awards if award not in dropped)
    awards = stays.awards + moved
    if len(awards) > MOST_AWARDS:
        raise RuleBroken(
            "learner_id", "too_many", f"together they have {len(awards)} awards, and a learner has at most {MOST_AWARDS}"
        )
    learner = replace(stays, awards=awards, consents=stays.consents and goes.consents)
    return Merge(learner, _filled(person, other), moved, dropped)


def merged(before: Learner, found: Merge) -> LearnerChange:
    """A change in any case: somebody else was published until now under the awards that have moved."""
    changed = revise(before, before.reach, before.availability, person_changed=True)
    assert changed is not None
    learner = replace(changed.learner, awards=found.learner.awards, consents=found.learner.consents)
    return LearnerChange(learner, LearnerEvent.REVISED)


def _has_seat_already(stays: Learner, award: Award) -> bool:
    if award.cohort_id is None or award.status is not AwardStatus.IN_PROGRESS:
        return False
    return bool(awards_with_seat(stays, award.cohort_id))


def _filled(person: Person, other: Person) -> Person:
    return Person(
        person.name,
        person.email or other.email,
        person.phone or other.phone,
        person.student_number or other.student_number,
    )
