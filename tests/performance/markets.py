"""The market that is measured: openings and learners of one labour market, from the demo's generator."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from contracts.learners import AwardState, CompetencyState, CredentialState, LearnerState
from contracts.topics import CATALOG, LEARNER
from demo.market.bodies import award_body, learner_body
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan
from makersync.clock import WallClock
from makersync.effects.outbox import NewEvent
from makersync.topic import Topic, WireModel, partition_of
from tests.performance.stages import PARTITIONS

#: Cleveland, OH.
REGION = "17410"
SEED = 7
#: So that enough are left without those that are done from anywhere, and so belong to no region.
SPARE = 1.2
#: The partition number of its topics.
PARTITION = partition_of(REGION, PARTITIONS)


def measured_market(openings: int, learners: int) -> GeneratedMarket:
    plan = MarketPlan((REGION,), int(openings * SPARE) + 1, learners, SEED, WallClock().today())
    return GeneratedMarket(plan)


def local_openings(market: GeneratedMarket, count: int) -> Iterator[OpeningDraft]:
    return islice((draft for draft in market.openings() if not draft.remote), count)


def defined(market: GeneratedMarket) -> Iterator[NewEvent]:
    """The reference catalog."""
    for entry in market.atlas.catalog["competencies"]:
        yield _first(CATALOG, "CompetencyDefined", f"competency/{entry['id']}", None, CompetencyState.model_validate(entry))
    for entry in market.atlas.catalog["credentials"]:
        yield _first(CATALOG, "CredentialDefined", f"credential/{entry['id']}", None, CredentialState.model_validate(entry))


@dataclass(slots=True)
class Pool:
    """Learners of whom every second one seeks work. A change flips whether one does: then matches are proposed, or withdrawn
    and those of the next in line proposed."""

    market: GeneratedMarket
    _versions: list[int] = field(init=False)
    _states: list[LearnerState] = field(init=False)
    _next: int = 0

    def __post_init__(self) -> None:
        drafts = list(self.market.learners())
        self._states = [_learner_state(draft, self.market) for draft in drafts]
        self._versions = [0] * len(drafts)

    def registrations(self) -> Iterator[NewEvent]:
        return (self._told(number, "LearnerRegistered") for number in range(len(self._states)))

    def changes(self, count: int) -> Iterator[NewEvent]:
        """Of one learner after the other."""
        return (self.change() for _ in range(count))

    def change(self) -> NewEvent:
        number, self._next = self._next, (self._next + 1) % len(self._states)
        return self._told(number, "AvailabilityChanged")

    def _told(self, number: int, kind: str) -> NewEvent:
        self._versions[number] += 1
        version = self._versions[number]
        seeking = (number + version) % 2 == 0
        state = self._states[number].model_copy(
            update={"seeking": seeking, "seeking_since": self.market.plan.day if seeking else None}
        )
        return NewEvent(LEARNER, kind, state.learner_id, REGION, version, state)


def _learner_state(draft: LearnerDraft, market: GeneratedMarket) -> LearnerState:
    awards = tuple(
        AwardState.model_validate({"award_id": award.key, "evidence": "attested"} | award_body(award)) for award in draft.awards
    )
    whose = {"learner_id": draft.key, "provider_id": draft.provider, "region": REGION, "consents_to_matching": draft.consents}
    return LearnerState.model_validate(whose | learner_body(draft) | {"awards": awards})


def _first(topic: Topic, kind: str, subject: str, region: str | None, state: WireModel) -> NewEvent:
    return NewEvent(topic, kind, subject, region, 1, state)
