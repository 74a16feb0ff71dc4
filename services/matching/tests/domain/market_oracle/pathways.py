"""Pathways (section 11)."""

from .documents import Doc
from .gates import passes_gates, unmet_required
from .holdings import awards_in_force, holdings_of
from .policy import policy_of
from .shortlists import live, remaining


def evaluate_pathways(market: Doc) -> list[Doc]:
    found = [{"learner_id": learner["learner_id"], "credentials": _pathway(market, learner)} for learner in market["learners"]]
    return sorted((each for each in found if each["credentials"]), key=lambda each: each["learner_id"])


def _pathway(market: Doc, learner: Doc) -> list[Doc]:
    opened = {
        definition["id"]: openings
        for definition in market["catalog"]["credentials"]
        if (openings := _opened(market, learner, definition["id"]))
    }
    unlocked = {credential: sum(map(remaining, openings)) for credential, openings in opened.items()}
    weeks = {item["id"]: item.get("training_weeks", 10**9) for item in market["catalog"]["credentials"]}
    best = sorted(unlocked, key=lambda credential: (-unlocked[credential], weeks[credential], credential))
    kept = sorted(best[: policy_of(market)["pathway_size"]])
    return [
        {"credential": credential, "unlocked": unlocked[credential], "openings": _named(opened[credential])}
        for credential in kept
    ]


def _named(openings: list[Doc]) -> list[str]:
    return [each["opening_id"] for each in sorted(openings, key=lambda each: (-remaining(each), each["opening_id"]))][:3]


def _opened(market: Doc, learner: Doc, credential: str) -> list[Doc]:
    if credential in holdings_of(market, awards_in_force(market, learner)):
        return []
    award = {
        "award_id": "one-more",
        "credential": credential,
        "status": "active",
        "issued_on": market["day"],
        "evidence": "verified",
    }
    richer = learner | {"awards": [*learner["awards"], award]}
    return [
        opening
        for opening in market["openings"]
        if live(market, opening)
        and passes_gates(opening, learner)
        and len(unmet_required(market, opening, learner)) == 1
        and not unmet_required(market, opening, richer)
    ]
