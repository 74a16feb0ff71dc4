"""What a provider's other routes show, beside what whoever followed its feed knows."""

from collections import defaultdict
from typing import Any

from tests.faults.reference import everything
from tests.faults.stubborn import Caller

#: How many credentials the pathways of a learner show.
MOST_STEPS = 5
State = dict[str, dict[str, Any]]


async def provider_differences(provider: Caller, followed: State) -> list[str]:
    """Subject by subject; empty when the feed has told all that is true and nothing else."""
    learners = await everything(provider, "/v1/learners")
    return [
        *_compared(_matches_of(followed), await _shown_matches(provider, learners)),
        *await _pathway_differences(provider, learners, followed),
        *_compared(*await _signals(provider, learners, followed)),
    ]


def _compared(followed: dict[str, Any], shown: dict[str, Any]) -> list[str]:
    return [
        f"{subject}: followed {followed.get(subject)}, shown {shown.get(subject)}"
        for subject in sorted(followed.keys() | shown.keys())
        if followed.get(subject) != shown.get(subject)
    ]


def _matches_of(followed: State) -> dict[str, Any]:
    return {subject: (said["score"], said["version"]) for subject, said in followed.items() if "opening_id" in said}


async def _shown_matches(provider: Caller, learners: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {}
    for learner_id in (each["learner_id"] for each in learners):
        for match in await everything(provider, f"/v1/learners/{learner_id}/matches"):
            if match["live"]:
                shown[f"{learner_id}/{match['opening_id']}"] = match["score"], match["version"]
    return shown


async def _pathway_differences(provider: Caller, learners: list[dict[str, Any]], followed: State) -> list[str]:
    """A learner is shown the best steps of all regions together; the feed has every region whole."""
    by_learner: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for said in followed.values():
        if "credentials" in said:
            by_learner[said["learner_id"]].append(said)
    differences = [
        f"pathways of {each}, who is no learner" for each in by_learner.keys() - {one["learner_id"] for one in learners}
    ]
    for learner_id in (each["learner_id"] for each in learners):
        shown = await provider.get(f"/v1/learners/{learner_id}/pathways")
        known: dict[str, dict[str, int]] = defaultdict(dict)
        for said in by_learner[learner_id]:
            for step in said["credentials"]:
                known[step["credential"]][said["region"]] = step["unlocked"]
        steps = {step["credential"]: step["regions"] for step in shown["credentials"]}
        as_of = min((said["as_of"] for said in by_learner[learner_id]), default=None)
        same = as_of == shown["as_of"] and len(steps) == min(len(known), MOST_STEPS) and steps.items() <= known.items()
        differences += [] if same else [f"pathways of {learner_id}: followed {as_of} {dict(known)}, shown {shown}"]
    return differences


async def _signals(provider: Caller, learners: list[dict[str, Any]], followed: State) -> tuple[State, State]:
    """Those that were followed, and those of the same regions and of the homes of learners that are shown."""
    told = {subject: said for subject, said in followed.items() if "level" in said}
    regions = {said["region"] for said in told.values()} | {each["region"] for each in learners}
    shown = {f"{each['region']}/{each['subject']}": each for each in await everything(provider, "/v1/signals")}
    return told, {subject: signal for subject, signal in shown.items() if signal["region"] in regions}
