"""What must be true of the past: every event of a match that was published is what the rules make of what was so then."""

from collections.abc import Sequence

from schedules import Schedule

from contracts.topics import CANDIDATE_MATCH, LEARNER
from makersync.envelope import Event, decode
from matching.adapters.match_events import facts_of
from matching.adapters.past_repository import PastExplanation, explained_then, pair_past
from matching.domain.explanation.findings import Explanation
from matching.domain.explanation.pair_past import PairEvent, PairPast
from matching.domain.rules.gates import GateResult
from matching.domain.rules.matches import MatchBasis, ScoreParts
from matching.domain.rules.withdrawal import PairNow, failed_gate, withdrawal_reason


async def verify_past(schedule: Schedule) -> int:
    """Raises AssertionError; returns how many events were explained. Nothing is left of a learner who was erased."""
    published = published_by_pair(schedule)
    erased = {event.subject for event in told(schedule, LEARNER.name) if event.type.endswith("LearnerErased")}
    count = 0
    for (opening_id, learner_id), events in published.items():
        if learner_id in erased:
            continue
        async with schedule.store.snapshot() as session:
            past = await pair_past(session, schedule.clock, 90, opening_id, learner_id)
            assert past is not None, f"nothing is kept of {opening_id}/{learner_id}"
            for before, event in zip([None, *events], events, strict=False):
                named = past.event(f"match-{event.version}")
                assert named is not None, f"version {event.version} of {opening_id}/{learner_id} is not kept"
                as_of = past.at_event(named)
                assert as_of is not None and as_of.event is not None
                found = await explained_then(session, past, (opening_id, learner_id), as_of)
                demand_same(past, found, as_of.event, event, before)
                count += 1
    return count


def told(schedule: Schedule, topic: str) -> list[Event]:
    return [decode(record.value) for record in schedule.broker.records(topic)]


def published_by_pair(schedule: Schedule) -> dict[tuple[str, str], list[Event]]:
    """By version, each once."""
    found: dict[tuple[str, str], dict[int, Event]] = {}
    for event in told(schedule, CANDIDATE_MATCH.name):
        found.setdefault((event.data["opening_id"], event.data["learner_id"]), {})[event.version] = event
    return {pair: [each for _, each in sorted(events.items())] for pair, events in found.items()}


def demand_same(past: PairPast, found: PastExplanation, named: PairEvent, event: Event, before: Event | None) -> None:
    where = f"{event.subject} {event.version} of {event.type}: {event.data}"
    explained = found.explained
    if not event.type.endswith("MatchWithdrawn"):
        assert explained is not None, where
        demand_facts(explained, event, where)
        assert found.place is not None and found.place.rank is not None, f"not on its shortlist: {where}"
        return
    assert before is not None, where
    if explained is None:
        assert found.as_of.learner is None and event.data["reason"] in (
            "learner_unavailable",
            "opening_changed",
            "opening_closed",
        )
        return
    demand_reason(past, found, explained, before, event, where)


def demand_facts(explained: Explanation, event: Event, where: str) -> None:
    facts = facts_of(event.data)
    parts = {each.name: each.value for each in explained.components}
    assert explained.score is not None and explained.score.value == facts.score, where
    assert ScoreParts(**parts) == facts.components, where
    assert tuple(each.outcome for each in explained.groups) == facts.outcomes, where
    assert explained.learner.seeking_since == facts.seeking_since, where


def demand_reason(
    past: PairPast, found: PastExplanation, explained: Explanation, before: Event, event: Event, where: str
) -> None:
    """The reason that the rules give for what was so before and then."""
    learner = explained.learner if found.as_of.learner and found.as_of.learner.region == past.region else None
    failing = [each.gate for each in explained.gates if each.verdict == GateResult.FAILED]
    gate = failing[0] if failing and learner is not None else None
    unmet: Sequence[str] = () if gate is not None else explained.unmet
    now = PairNow(explained.opening, learner, False, gate, tuple(unmet))
    rested = (before.data["opening_version"], before.data["groups_digest"], before.data["awards_digest"])
    reason = withdrawal_reason(MatchBasis(*rested), now, explained.day)
    assert reason.value == event.data["reason"], where
    assert failed_gate(now, reason) == event.data.get("gate"), where
    if event.data.get("unmet"):
        assert list(unmet) == list(event.data["unmet"]), where
    if reason.value == "outranked":
        assert found.place is not None and found.place.rank is None, where
