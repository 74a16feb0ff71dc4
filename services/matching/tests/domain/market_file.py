"""A market file of one opening, one learner and one cohort, and edited copies of it."""

from copy import deepcopy
from typing import Any

Document = dict[str, Any]
FILE: Document = {
    "day": "2026-11-20",
    "catalog": {
        "competencies": [{"id": "milling", "name": "Milling"}],
        "credentials": [
            {
                "id": "nims:milling",
                "name": "CNC milling",
                "issuer": "NIMS",
                "aliases": ["Mill operator"],
                "confers": [{"competency": "milling", "level": 3}],
                "implies": ["aws:welding"],
                "composed_of": [],
                "valid_months": 24,
                "training_weeks": 8,
                "references": ["https://example.org/nims"],
            },
            {"id": "aws:welding", "name": "Welding", "issuer": "AWS"},
        ],
    },
    "openings": [
        {
            "opening_id": "job",
            "employer_id": "shop",
            "title": "Machinist",
            "occupation": "51-4041.00",
            "zip": "44101",
            "positions": 2,
            "filled": 1,
            "start_by": "2026-12-01",
            "closes_on": "2026-12-31",
            "shifts": ["day", "night"],
            "wage_min": 1800,
            "wage_max": 2400,
            "status": "open",
            "version": 3,
            "groups": [
                {
                    "id": "must",
                    "necessity": "required",
                    "any_of": [{"credential": "aws:welding"}, {"competency": "milling", "level": 2}],
                    "weight": 2,
                    "verified_only": True,
                },
                {"id": "nice", "necessity": "preferred", "any_of": [{"credential": "nims:milling"}]},
            ],
        }
    ],
    "learners": [
        {
            "learner_id": "ann",
            "provider_id": "college",
            "zip": "44114",
            "reach_km": 30,
            "remote_ok": True,
            "seeking": True,
            "seeking_since": "2026-10-01",
            "consents_to_matching": True,
            "available_from": "2026-11-30",
            "shifts": ["night"],
            "wage_floor": 2000,
            "awards": [
                {
                    "award_id": "a1",
                    "credential": "nims:milling",
                    "status": "active",
                    "issued_on": "2026-01-01",
                    "expires_on": "2028-01-01",
                    "evidence": "verified",
                }
            ],
        }
    ],
    "cohorts": [
        {
            "cohort_id": "class",
            "provider_id": "college",
            "credential": "aws:welding",
            "region": "17410",
            "seats": 12,
            "enrolled": 13,
            "starts_on": "2026-11-01",
            "ends_on": "2027-01-31",
        }
    ],
}


def edited(*path: str | int, to: object) -> Document:
    """The file with another value at a path."""
    document = deepcopy(FILE)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return document


def without(*path: str | int) -> Document:
    """The file without a field."""
    document = deepcopy(FILE)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document
