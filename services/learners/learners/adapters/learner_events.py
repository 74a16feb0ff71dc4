"""The events of learners: the released contract, and nothing else that the service knows of them."""

from contracts.learners import LearnerEnded, LearnerState
from contracts.topics import LEARNER
from learners.adapters.award_events import award_state
from learners.domain.learner import Learner, LearnerEvent
from makersync.effects.outbox import NewEvent


def learner_state(learner: Learner, region: str) -> LearnerState:
    return LearnerState.model_validate(
        {
            "learner_id": learner.learner_id,
            "provider_id": learner.provider_id,
            "region": region,
            "zip": learner.reach.zip,
            "reach_km": learner.reach.reach_km,
            "remote_ok": learner.reach.remote_ok,
            "seeking": learner.availability.seeking,
            "seeking_since": learner.availability.seeking_since,
            "consents_to_matching": learner.consents,
            "available_from": learner.availability.available_from,
            "shifts": learner.availability.shifts,
            "wage_floor": learner.availability.wage_floor,
            "awards": tuple(award_state(award) for award in learner.awards),
        }
    )


def learner_event(learner: Learner, region: str, kind: LearnerEvent) -> NewEvent:
    gone = kind is LearnerEvent.WITHDRAWN
    state = LearnerEnded(learner_id=learner.learner_id, region=region) if gone else learner_state(learner, region)
    return NewEvent(LEARNER, kind.value, learner.learner_id, region, learner.version, state)
