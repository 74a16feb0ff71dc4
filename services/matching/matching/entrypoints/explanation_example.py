"""The example of an explanation in the OpenAPI document: what the rules give for one pair, so that it can be redone by hand."""

from pydantic.config import JsonDict

from matching.entrypoints.fields import AWARD_EXAMPLE, CREDENTIAL_EXAMPLE, DAY_EXAMPLE, LEARNER_EXAMPLE, OPENING_EXAMPLE

EXPLANATION_EXAMPLE: JsonDict = {
    "opening_id": OPENING_EXAMPLE,
    "learner_id": LEARNER_EXAMPLE,
    "day": DAY_EXAMPLE,
    "policy_version": 1,
    "qualified": True,
    "reason": None,
    "opening": {"live": True, "barriers": [], "status": "open", "remaining": 2, "closes_on": "2026-11-29", "version": 1},
    "unmet_groups": [],
    "gates": [
        {"gate": "not_seeking", "verdict": "passed", "values": {"seeking": True}},
        {"gate": "no_consent", "verdict": "passed", "values": {"consents_to_matching": True}},
        {"gate": "out_of_reach", "verdict": "passed", "values": {"distance_m": 15007, "reach_m": 40000}},
        {"gate": "unavailable", "verdict": "passed", "values": {"start_by": "2026-11-30", "available_from": "2026-11-23"}},
        {
            "gate": "shift_conflict",
            "verdict": "passed",
            "values": {"opening_shifts": ["day", "evening"], "learner_shifts": ["day"]},
        },
        {"gate": "pay_conflict", "verdict": "passed", "values": {"wage_max": 3100, "wage_floor": 2800}},
    ],
    "groups": [
        {
            "id": "milling",
            "necessity": "required",
            "weight": 1,
            "verified_only": False,
            "any_of": [
                {
                    "credential": None,
                    "competency": "machining.cnc-milling",
                    "level": 3,
                    "held": True,
                    "verified": True,
                    "through": [CREDENTIAL_EXAMPLE],
                }
            ],
            "met": True,
            "evidence": "verified",
            "awards": [AWARD_EXAMPLE],
        },
        {
            "id": "safety",
            "necessity": "preferred",
            "weight": 2,
            "verified_only": False,
            "any_of": [
                {
                    "credential": "osha:10-general-industry",
                    "competency": None,
                    "level": None,
                    "held": False,
                    "verified": False,
                    "through": [],
                }
            ],
            "met": False,
            "evidence": None,
            "awards": [],
        },
    ],
    "awards": [
        {
            "award_id": AWARD_EXAMPLE,
            "credential": CREDENTIAL_EXAMPLE,
            "status": "active",
            "issued_on": "2026-03-02",
            "expires_on": None,
            "expected_on": None,
            "evidence": "verified",
            "in_force": True,
            "why_not": None,
            "defined": True,
        }
    ],
    "holdings": [{"credential": CREDENTIAL_EXAMPLE, "awards": [AWARD_EXAMPLE], "verified_awards": [AWARD_EXAMPLE]}],
    "components": [
        {"name": "preferred", "weight": 50, "numerator": 0, "denominator": 2, "value": 0},
        {"name": "trainable", "weight": 30, "numerator": 0, "denominator": 0, "value": None},
        {"name": "evidence", "weight": 20, "numerator": 1, "denominator": 1, "value": 10000},
    ],
    "score": {"numerator": 200000, "denominator": 70, "value": 2857},
    "shortlist": {
        "rank": 1,
        "listed": 1,
        "size": 10,
        "outranked": False,
        "last": {"learner_id": LEARNER_EXAMPLE, "score": 2857, "seeking_since": "2026-11-02"},
    },
    "change": None,
}
