"""A small labour market: what is asked for and what is held, drawn with a seed."""

import random
from collections.abc import Sequence
from typing import Any

Body = dict[str, Any]

#: Two labour markets, too far apart for most learners to work in both.
ZIPS = ("44102", "44105", "44107", "44114", "43201", "43215")
#: Credentials that imply one another, and some that stand alone.
CREDENTIALS = (
    "nims:cnc-milling-operator",
    "nims:cnc-milling-programming",
    "nims:cnc-milling-2",
    "nims:cnc-turning-operator",
    "nims:cnc-turning-programming",
    "nims:measurement-materials-safety",
)


def group(name: str, necessity: str, *credentials: str) -> Body:
    return {"id": name, "necessity": necessity, "any_of": [{"credential": each} for each in credentials]}


def opening(title: str, zip_code: str, groups: Sequence[Body], positions: int = 1) -> Body:
    return {"title": title, "zip": zip_code, "positions": positions, "groups": list(groups)}


def learner(name: str, zip_code: str) -> Body:
    return {
        "person": {"name": name, "email": f"{name.replace(' ', '.').lower()}@example.org"},
        "zip": zip_code,
        "seeking": True,
        "consents_to_matching": True,
    }


def award(credential: str) -> Body:
    return {"credential": credential, "issued_on": "2025-03-01"}


def random_opening(chance: random.Random, number: int) -> Body:
    liked, *needed = chance.sample(CREDENTIALS, chance.choice((2, 2, 3)))
    required, preferred = group("required", "required", *needed), group("preferred", "preferred", liked)
    wanted = opening(f"Machinist {number}", chance.choice(ZIPS), [required, preferred], chance.randint(1, 3))
    return wanted | {"shifts": chance.sample(("day", "evening", "night"), chance.randint(0, 2))}


def random_learner(chance: random.Random, number: int) -> tuple[Body, list[Body]]:
    """A learner and the awards to record."""
    body = learner(f"Learner {number}", chance.choice(ZIPS))
    body |= {
        "reach_km": chance.choice((20, 40, 250)),
        "consents_to_matching": chance.random() < 0.9,
        "shifts": chance.sample(("day", "evening", "night"), chance.randint(0, 2)),
    }
    return body, [award(each) for each in chance.sample(CREDENTIALS, chance.randint(1, 3))]
