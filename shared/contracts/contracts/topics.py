"""Every topic and every event type on it: the one list that writers, readers, schemas and the AsyncAPI document come from."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.drafts import DraftEnded, DraftState
from contracts.introductions import IntroductionAnswerState, IntroductionRequestState
from contracts.learners import (
    CohortEnded,
    CohortState,
    CompetencyState,
    CredentialState,
    LearnerEnded,
    LearnerState,
    ProviderState,
)
from contracts.matching import MatchEnded, MatchState, ShortageState
from contracts.openings import OpeningState
from contracts.pathways import PathwayEnded, PathwayState
from contracts.reach import ReachEnded, ReachState
from makersync.topic import Topic, WireModel

#: The whole catalog is one partition.
CATALOG_PARTITION_KEY = "catalog"
#: So are all providers.
PROVIDER_PARTITION_KEY = "provider"
#: What says that its subject has ended, there or everywhere.
ENDS = (LearnerEnded, CohortEnded, MatchEnded, PathwayEnded, DraftEnded, ReachEnded)


def _topic(
    name: str,
    summary: str,
    subject: str | Mapping[type[WireModel], str],
    partition_key: str | None = None,
    **types: type[WireModel],
) -> Topic:
    """`subject` is one for all types, or by shape."""
    owner = name.partition(".")[0]
    named = MappingProxyType({f"{owner}.{short}": model for short, model in types.items()})
    subjects = {kind: subject if isinstance(subject, str) else subject[model] for kind, model in named.items()}
    ends = frozenset(kind for kind, model in named.items() if model in ENDS)
    return Topic(name, owner, partition_key, summary, named, MappingProxyType(subjects), ends)


OPENING = _topic(
    "openings.opening.v1",
    "Openings of employers, one record a version.",
    "{opening_id}",
    OpeningPublished=OpeningState,
    OpeningRevised=OpeningState,
    PositionsFilled=OpeningState,
    OpeningClosed=OpeningState,
    OpeningReopened=OpeningState,
    OpeningExpired=OpeningState,
)
LEARNER = _topic(
    "learners.learner.v1",
    "Learners, one record a version and region of their reach. No personal data.",
    "{learner_id}",
    LearnerRegistered=LearnerState,
    LearnerRevised=LearnerState,
    AvailabilityChanged=LearnerState,
    ConsentGiven=LearnerState,
    ConsentWithdrawn=LearnerState,
    AwardRecorded=LearnerState,
    AwardRenewed=LearnerState,
    AwardSuspended=LearnerState,
    AwardReinstated=LearnerState,
    AwardRevoked=LearnerState,
    AwardCorrected=LearnerState,
    AwardVerified=LearnerState,
    AwardRemoved=LearnerState,
    LearnerWithdrawn=LearnerEnded,
    LearnerErased=LearnerEnded,
)
CATALOG = _topic(
    "learners.catalog.v1",
    "Competencies and approved credential definitions; one partition that every reader takes in full.",
    {CompetencyState: "competency/{id}", CredentialState: "credential/{id}"},
    partition_key=CATALOG_PARTITION_KEY,
    CompetencyDefined=CompetencyState,
    CredentialDefined=CredentialState,
    CredentialRevised=CredentialState,
)
PROVIDER = _topic(
    "learners.provider.v1",
    "Names of the training providers; one partition.",
    "{provider_id}",
    partition_key=PROVIDER_PARTITION_KEY,
    ProviderNamed=ProviderState,
)
COHORT = _topic(
    "learners.cohort.v1",
    "Cohorts that providers plan.",
    "{cohort_id}",
    CohortPlanned=CohortState,
    CohortRevised=CohortState,
    CohortCancelled=CohortEnded,
)
CANDIDATE_MATCH = _topic(
    "matching.candidate-match.v1",
    "Matches of learners to openings, and their ends.",
    "{opening_id}/{learner_id}",
    MatchProposed=MatchState,
    MatchRevised=MatchState,
    MatchWithdrawn=MatchEnded,
)
SKILL_SHORTAGE = _topic(
    "matching.skill-shortage.v1",
    "Shortage signals by region and subject.",
    "{subject}",
    ShortageRaised=ShortageState,
    ShortageEased=ShortageState,
    ShortageCleared=ShortageState,
    ShortageSilenced=ShortageState,
    ShortageRevised=ShortageState,
)
PATHWAY = _topic(
    "matching.pathway.v1",
    "Which credential each learner is one away from, by region; refreshed at a set pace.",
    "{learner_id}",
    PathwayRefreshed=PathwayState,
    PathwayEnded=PathwayEnded,
)
INTRODUCTION_REQUEST = _topic(
    "openings.introduction.v1",
    "Introductions that employers ask for, and what became of them. No personal data of learners.",
    "{introduction_id}",
    IntroductionRequested=IntroductionRequestState,
    IntroductionWithdrawn=IntroductionRequestState,
    ContactAccessGranted=IntroductionRequestState,
    PersonHired=IntroductionRequestState,
    PersonNotHired=IntroductionRequestState,
    HireUndone=IntroductionRequestState,
)
INTRODUCTION_ANSWER = _topic(
    "learners.introduction.v1",
    "What providers and learners answer to introductions. No personal data.",
    "{introduction_id}",
    IntroductionAccepted=IntroductionAnswerState,
    IntroductionDeclined=IntroductionAnswerState,
    IntroductionLapsed=IntroductionAnswerState,
    IntroductionEnded=IntroductionAnswerState,
    HireConfirmed=IntroductionAnswerState,
    HireDisputed=IntroductionAnswerState,
)
DRAFT = _topic(
    "openings.draft.v1",
    "Drafts of openings that employers ask about before they publish them.",
    "{draft_id}",
    DraftSubmitted=DraftState,
    DraftEnded=DraftEnded,
)
REACH = _topic(
    "matching.reach.v1",
    "How many learners each opening and draft reaches, as ranges of counts; of openings refreshed at a set pace.",
    "{subject_id}",
    ReachCounted=ReachState,
    ReachEnded=ReachEnded,
)
TOPICS = (
    OPENING,
    LEARNER,
    CATALOG,
    PROVIDER,
    COHORT,
    CANDIDATE_MATCH,
    SKILL_SHORTAGE,
    PATHWAY,
    INTRODUCTION_REQUEST,
    INTRODUCTION_ANSWER,
    DRAFT,
    REACH,
)
BY_NAME: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in TOPICS})
