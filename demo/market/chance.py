"""Seeded chance: every thing of the demo has dice of its own, so that one more of them changes none of the others."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


def dice(seed: int, *names: object) -> Random:
    """Dice that always fall the same for the same seed and names, whatever the process or Python version."""
    return Random(":".join(map(str, (seed, *names))))


def weighted(rng: Random, weights: Mapping[Thing, float]) -> Thing:
    """One of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def some(rng: Random, things: Sequence[Thing], least: int, most: int) -> tuple[Thing, ...]:
    """From `least` to `most` of the things, each once, in their own order."""
    chosen = set(rng.sample(range(len(things)), min(len(things), rng.randint(least, most))))
    return tuple(thing for place, thing in enumerate(things) if place in chosen)


def days_from(day: date, rng: Random, least: int, most: int) -> date:
    """A date from `least` to `most` days after `day`."""
    return day + timedelta(days=rng.randint(least, most))
