"""Whole events of every type, realistic, from the barest to the fullest: what a release publishes beside each schema."""

from makersync.contracts.examples.learners import EXAMPLES as LEARNER_EXAMPLES
from makersync.contracts.examples.matching import MATCH_EXAMPLES, PATHWAY_EXAMPLES, SHORTAGE_EXAMPLES
from makersync.contracts.examples.openings import EXAMPLES as OPENING_EXAMPLES
from makersync.contracts.examples.story import by_kind
from makersync.contracts.examples.training import CATALOG_EXAMPLES, COHORT_EXAMPLES
from makersync.contracts.topics import CANDIDATE_MATCH, CATALOG, COHORT, LEARNER, OPENING, PATHWAY, SKILL_SHORTAGE, Topic
from makersync.envelope import Event

_EXAMPLES = {
    topic.name: by_kind(topic, examples)
    for topic, examples in (
        (OPENING, OPENING_EXAMPLES),
        (LEARNER, LEARNER_EXAMPLES),
        (CATALOG, CATALOG_EXAMPLES),
        (COHORT, COHORT_EXAMPLES),
        (CANDIDATE_MATCH, MATCH_EXAMPLES),
        (SKILL_SHORTAGE, SHORTAGE_EXAMPLES),
        (PATHWAY, PATHWAY_EXAMPLES),
    )
}


def examples_of(topic: Topic, kind: str) -> tuple[Event, ...]:
    """The examples of an event type by its short name; none when nobody wrote any yet."""
    return _EXAMPLES.get(topic.name, {}).get(kind, ())
