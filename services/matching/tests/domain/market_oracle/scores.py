"""Scores and their components (section 8)."""

from .documents import Doc
from .holdings import outcome


def components(market: Doc, opening: Doc, learner: Doc) -> dict[str, int]:
    by_necessity: dict[str, list[Doc]] = {"required": [], "trainable": [], "preferred": []}
    for group in opening["groups"]:
        by_necessity[group["necessity"]].append(group)
    found: dict[str, int] = {}
    for necessity in ("preferred", "trainable"):
        groups = by_necessity[necessity]
        if groups:
            met = [group for group in groups if outcome(market, group, learner)["met"]]
            whole = sum(group.get("weight", 1) for group in groups)
            found[necessity] = 10000 * sum(group.get("weight", 1) for group in met) // whole
    required = by_necessity["required"]
    if required:
        verified = [group for group in required if outcome(market, group, learner)["evidence"] == "verified"]
        found["evidence"] = 10000 * len(verified) // len(required)
    return found


def score(policy: Doc, parts: dict[str, int]) -> int:
    if not parts:
        return 10000
    weight = {name: policy[f"weight_{name}"] for name in parts}
    return sum(weight[name] * parts[name] for name in parts) // sum(weight.values())
