"""Random market files for tests, as plain documents (MARKET.md section 14), from a seed or from hypothesis.

Few ids, few dates and few places, so that everything collides: alternatives that several credentials provide, awards
that expire on the day itself, learners at the edge of their reach, credentials in cycles.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

DAY = date(2026, 11, 20)
ZIPS = ("44101", "44256", "44067", "44230", "44632", "44689", "16101", "99501")
"""Cleveland (twice) and around, in several regions of two states, and one far away."""
REGIONS = ("17410", "10420", "49300", "15940", "nonmetro-OH", "38300", "11260", "remote")
COMPETENCIES = tuple(f"skill.{number}" for number in range(4))
CREDENTIALS = tuple(f"cert:{number}" for number in range(8))
SHIFTS = ("day", "evening", "night", "weekend", "rotating")
SMALL_POLICY = {
    "guard_openings": 2,
    "guard_employers": 1,
    "guard_employer_share": 1000,
    "shortlist_min": 2,
    "shortlist_max": 4,
}
"""Limits that a market of a dozen subjects reaches."""


def market_document(rng: Random, openings: int = 6, learners: int = 8, cohorts: int = 3) -> Document:
    """A valid market file with at most so many subjects."""
    return {
        "day": DAY.isoformat(),
        "policy": policy_document(rng),
        "catalog": catalog_document(rng),
        "openings": [opening_document(rng, f"o{n}") for n in range(rng.randint(openings // 2, openings))],
        "learners": [learner_document(rng, f"l{n}") for n in range(rng.randint(learners // 2, learners))],
        "cohorts": [cohort_document(rng, f"c{n}") for n in range(rng.randint(0, cohorts))],
    }


def market_from_seed(seed: int, openings: int = 6, learners: int = 8, cohorts: int = 3) -> Document:
    """The market file that a seed stands for."""
    return market_document(Random(seed), openings, learners, cohorts)


def market_documents() -> st.SearchStrategy[Document]:
    """Market files that hypothesis can make smaller."""
    return st.randoms(use_true_random=False).map(market_document)


def policy_document(rng: Random) -> Document:
    """The small limits, sometimes with other weights or smoothing, or with a guard against a single employer."""
    policy: Document = SMALL_POLICY | {"guard_openings": rng.randint(1, 2)}
    if rng.random() < 0.3:
        policy |= {"version": rng.randint(2, 9), "weight_evidence": rng.randint(1, 60), "shortlist_per_position": 1}
    if rng.random() < 0.3:
        policy |= {"smoothing": rng.choice([1, 500, 4000]), "pipeline_days": rng.choice([0, 30])}
    if rng.random() < 0.3:
        policy |= {"guard_employer_share": rng.choice([500, 667, 999])}
    return policy


def catalog_document(rng: Random) -> Document:
    """All competencies and credentials, with implications and compositions that may form cycles."""
    return {
        "competencies": [{"id": competency, "name": competency.title()} for competency in COMPETENCIES],
        "credentials": [credential_document(rng, credential) for credential in CREDENTIALS],
    }


def credential_document(rng: Random, credential: str) -> Document:
    """A definition that may imply, or be composed of, any of the others."""
    others = [other for other in CREDENTIALS if other != credential]
    definition: Document = {
        "id": credential,
        "name": credential.title(),
        "issuer": "Issuer",
        "confers": [{"competency": rng.choice(COMPETENCIES), "level": rng.randint(1, 5)} for _ in range(rng.choice([0, 1, 2]))],
        "implies": rng.sample(others, rng.choice([0, 0, 0, 1, 2])),
        "composed_of": rng.sample(others, rng.choice([0, 0, 0, 1, 2, 3])),
    }
    return definition | _maybe(rng, training_weeks=lambda: rng.randint(0, 3))


def opening_document(rng: Random, opening_id: str, version: int = 1, place: Document | None = None) -> Document:
    """An opening; `place` fixes its ZIP or that it is remote, as its region never changes."""
    positions = rng.randint(1, 3)
    opening: Document = {
        "opening_id": opening_id,
        "employer_id": f"e{rng.randint(0, 3)}",
        "title": "Machinist",
        "positions": positions,
        "filled": rng.choice([0, 0, 0, rng.randint(0, positions)]),
        "status": rng.choice(["open"] * 6 + ["closed", "filled"]),
        "shifts": rng.sample(SHIFTS, rng.choice([0, 0, 1, 2])),
        "groups": [_group(rng, f"g{n}") for n in range(rng.randint(0, 4))],
        "version": version,
    }
    where = place if place is not None else opening_place(rng)
    return (
        opening
        | where
        | _maybe(rng, start_by=lambda: _near(rng), closes_on=lambda: _near(rng, -1), wage_max=lambda: rng.randint(1800, 2600))
    )


def opening_place(rng: Random) -> Document:
    """Where an opening is."""
    return {"remote": True} if rng.random() < 0.15 else {"zip": _zip(rng)}


def _group(rng: Random, group_id: str) -> Document:
    return {
        "id": group_id,
        "necessity": rng.choice(["required", "required", "trainable", "preferred"]),
        "any_of": [_alternative(rng) for _ in range(rng.randint(1, 3))],
        "weight": rng.randint(1, 10),
        "verified_only": rng.random() < 0.25,
    }


def _alternative(rng: Random) -> Document:
    if rng.random() < 0.5:
        return {"credential": rng.choice(CREDENTIALS)}
    return {"competency": rng.choice(COMPETENCIES), "level": rng.randint(1, 5)}


def learner_document(rng: Random, learner_id: str, version: int = 1) -> Document:
    """A learner with up to five awards in every state."""
    learner: Document = {
        "learner_id": learner_id,
        "provider_id": f"p{rng.randint(0, 2)}",
        "zip": _zip(rng),
        "reach_km": rng.choice([1, 40, 60, 150, 150, 150]),
        "remote_ok": rng.random() < 0.4,
        "seeking": rng.random() < 0.9,
        "consents_to_matching": rng.random() < 0.9,
        "shifts": rng.sample(SHIFTS, rng.choice([0, 0, 1, 2])),
        "awards": [_award(rng, f"{learner_id}-a{n}") for n in range(rng.randint(0, 5))],
        "version": version,
    }
    return learner | _maybe(
        rng,
        seeking_since=lambda: _near(rng, -3),
        available_from=lambda: _near(rng),
        wage_floor=lambda: rng.randint(1800, 2600),
    )


def _award(rng: Random, award_id: str) -> Document:
    award: Document = {
        "award_id": award_id,
        "credential": rng.choice(CREDENTIALS),
        "status": rng.choice(["active"] * 6 + ["in_progress"] * 2 + ["suspended", "revoked"]),
        "evidence": rng.choice(["verified", "attested"]),
    }
    issued = DAY + timedelta(days=rng.choice([-700, -30, -1, 0, 1]))
    award |= {"issued_on": issued.isoformat()} if rng.random() < 0.9 else {}
    expires = max(issued, DAY + timedelta(days=rng.choice([-1, 0, 1, 2, 365])))
    expected = DAY + timedelta(days=rng.choice([-3, 0, 30, 31, 180, 181]))
    return award | _maybe(rng, expires_on=expires.isoformat, expected_on=expected.isoformat)


def partly_changed(rng: Random, old: Document, new: Document) -> Document:
    """The old document with one field of the new one, as most changes are small; its version is the new one's."""
    name = rng.choice(sorted((old.keys() | new.keys()) - {"version", "positions"}))
    names = {name, "version"} | ({"positions"} if name == "filled" else set())
    kept = {key: value for key, value in old.items() if key not in names}
    return kept | {key: value for key, value in new.items() if key in names}


def cohort_document(rng: Random, cohort_id: str, region: str | None = None) -> Document:
    """A cohort whose end is at the edges of the pipeline's horizon."""
    seats = rng.randint(0, 6)
    ends_on = DAY + timedelta(days=rng.choice([-1, 0, 1, 2, 30, 180, 181]))
    return {
        "cohort_id": cohort_id,
        "provider_id": f"p{rng.randint(0, 2)}",
        "credential": rng.choice(CREDENTIALS),
        "region": region if region is not None else rng.choice(REGIONS),
        "seats": seats,
        "enrolled": rng.randint(0, seats + 1),
        "starts_on": (ends_on - timedelta(days=60)).isoformat(),
        "ends_on": ends_on.isoformat(),
    }


def _zip(rng: Random) -> str:
    """Mostly one town, so that its market is not empty."""
    return ZIPS[0] if rng.random() < 0.5 else rng.choice(ZIPS)


def _near(rng: Random, first: int = -2) -> str:
    return (DAY + timedelta(days=rng.randint(first, 2))).isoformat()


def _maybe(rng: Random, **fields: Callable[[], object]) -> Document:
    return {name: value() for name, value in fields.items() if rng.random() < 0.4}
