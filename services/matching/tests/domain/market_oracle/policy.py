"""The policy: the numbers of the text, where a market file does not give others."""

from .documents import Doc

DEFAULT_POLICY = {
    "version": 1,
    "weight_preferred": 50,
    "weight_trainable": 30,
    "weight_evidence": 20,
    "shortlist_min": 10,
    "shortlist_max": 100,
    "shortlist_per_position": 5,
    "pipeline_days": 180,
    "guard_openings": 5,
    "guard_employers": 3,
    "guard_employer_share": 667,
    "threshold_balanced": 667,
    "threshold_shortage": 1500,
    "threshold_severe": 3000,
    "smoothing": 2000,
    "top_credentials": 5,
    "pathway_size": 5,
}


def policy_of(market: Doc) -> Doc:
    return DEFAULT_POLICY | (market.get("policy") or {})
