"""Gates and qualification (sections 6 and 7)."""

from .documents import Doc
from .holdings import outcome
from .places import distance_m


def passes_gates(opening: Doc, learner: Doc) -> bool:
    if not learner["seeking"] or not learner["consents_to_matching"]:
        return False
    if opening.get("remote"):
        if not learner.get("remote_ok", False):
            return False
    elif distance_m(opening["zip"], learner["zip"]) > 1000 * learner.get("reach_km", 40):
        return False
    if "start_by" in opening and "available_from" in learner and learner["available_from"] > opening["start_by"]:
        return False
    if opening["shifts"] and learner["shifts"] and not set(opening["shifts"]) & set(learner["shifts"]):
        return False
    return not ("wage_max" in opening and "wage_floor" in learner and opening["wage_max"] < learner["wage_floor"])


def unmet_required(market: Doc, opening: Doc, learner: Doc) -> list[Doc]:
    required = [group for group in opening["groups"] if group["necessity"] == "required"]
    return [group for group in required if not outcome(market, group, learner)["met"]]
