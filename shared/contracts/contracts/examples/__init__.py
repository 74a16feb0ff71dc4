"""Whole events of every type, realistic, from the barest to the fullest: what a release publishes beside each schema."""

from contracts.examples.drafts import EXAMPLES as DRAFT_EXAMPLES
from contracts.examples.introductions import ANSWER_EXAMPLES, REQUEST_EXAMPLES
from contracts.examples.learners import EXAMPLES as LEARNER_EXAMPLES
from contracts.examples.matching import MATCH_EXAMPLES, PATHWAY_EXAMPLES, SHORTAGE_EXAMPLES
from contracts.examples.openings import EXAMPLES as OPENING_EXAMPLES
from contracts.examples.reach import EXAMPLES as REACH_EXAMPLES
from contracts.examples.story import by_kind
from contracts.examples.training import CATALOG_EXAMPLES, COHORT_EXAMPLES, PROVIDER_EXAMPLES
from contracts.topics import (
    CANDIDATE_MATCH,
    CATALOG,
    COHORT,
    DRAFT,
    INTRODUCTION_ANSWER,
    INTRODUCTION_REQUEST,
    LEARNER,
    OPENING,
    PATHWAY,
    PROVIDER,
    REACH,
    SKILL_SHORTAGE,
)
from makersync.envelope import Event
from makersync.topic import Topic

_EXAMPLES = {
    topic.name: by_kind(topic, examples)
    for topic, examples in (
        (OPENING, OPENING_EXAMPLES),
        (LEARNER, LEARNER_EXAMPLES),
        (CATALOG, CATALOG_EXAMPLES),
        (PROVIDER, PROVIDER_EXAMPLES),
        (COHORT, COHORT_EXAMPLES),
        (CANDIDATE_MATCH, MATCH_EXAMPLES),
        (SKILL_SHORTAGE, SHORTAGE_EXAMPLES),
        (PATHWAY, PATHWAY_EXAMPLES),
        (INTRODUCTION_REQUEST, REQUEST_EXAMPLES),
        (INTRODUCTION_ANSWER, ANSWER_EXAMPLES),
        (DRAFT, DRAFT_EXAMPLES),
        (REACH, REACH_EXAMPLES),
    )
}


def examples_of(topic: Topic, kind: str) -> tuple[Event, ...]:
    """The examples of an event type by its short name; none when nobody wrote any yet."""
    return _EXAMPLES.get(topic.name, {}).get(kind, ())
