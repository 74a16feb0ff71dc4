"""Shortlists and the matches on them (section 9)."""

from .documents import Doc
from .gates import passes_gates, unmet_required
from .holdings import outcome
from .policy import policy_of
from .scores import components, score


def remaining(opening: Doc) -> int:
    return opening["positions"] - opening.get("filled", 0)


def live(market: Doc, opening: Doc) -> bool:
    in_time = "closes_on" not in opening or market["day"] <= opening["closes_on"]
    return opening["status"] == "open" and remaining(opening) > 0 and in_time


def qualified(market: Doc, opening: Doc) -> list[Doc]:
    passing = [learner for learner in market["learners"] if passes_gates(opening, learner)]
    return [learner for learner in passing if not unmet_required(market, opening, learner)]


def evaluate_matches(market: Doc) -> list[Doc]:
    found: list[Doc] = []
    policy = policy_of(market)
    for opening in market["openings"]:
        if not live(market, opening):
            continue
        ranked = []
        for learner in qualified(market, opening):
            parts = components(market, opening, learner)
            since = learner.get("seeking_since", "9999-99-99")
            ranked.append(((-score(policy, parts), since, learner["learner_id"]), learner, parts))
        ranked.sort(key=lambda entry: entry[0])
        least, most = policy["shortlist_min"], policy["shortlist_max"]
        cut = min(most, max(least, policy["shortlist_per_position"] * remaining(opening)))
        for rank, (key, learner, parts) in enumerate(ranked[:cut], start=1):
            groups = [outcome(market, group, learner) for group in opening["groups"]]
            found.append(
                {
                    "opening_id": opening["opening_id"],
                    "learner_id": learner["learner_id"],
                    "rank": rank,
                    "score": -key[0],
                    "components": parts,
                    "groups": groups,
                }
            )
    return sorted(found, key=lambda match: (match["opening_id"], match["learner_id"]))
