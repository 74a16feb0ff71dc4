"""Many seeds of the simulation. `MAKERSYNC_SEED=7` runs that one alone, `MAKERSYNC_SEEDS=500` that many."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from .chaos import Odds
from .simulation import Simulation

ONE, MANY = "MAKERSYNC_SEED", "MAKERSYNC_SEEDS"
SEEDS, SEEDS_ON_POSTGRES, QUICK_SEEDS = 8, 4, 4
SERVICES = ("halves", "pairs")
WORLDS = {
    "everything": Odds(),
    "crashes": Odds(crash=0.04, pause=0.0, failure=0.0),
    "failures": Odds(crash=0.0, pause=0.0, failure=0.06),
    "pauses": Odds(crash=0.0, pause=0.06, failure=0.0),
}


def seeds(usual: int) -> list[int]:
    return [int(os.environ[ONE])] if ONE in os.environ else list(range(int(os.environ.get(MANY, usual))))


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= QUICK_SEEDS)) for seed in seeds(SEEDS)]
)
async def test_no_event_is_lost_duplicated_or_reordered_whatever_crashes(seed: int, tmp_path: Path) -> None:
    """Guards: points 1 to 6 together. The seed selects the kind of world."""
    await simulate(seed, {name: f"sqlite+aiosqlite:///{tmp_path / name}.sqlite" for name in SERVICES})


@pytest.mark.cluster
@pytest.mark.parametrize("seed", seeds(SEEDS_ON_POSTGRES))
async def test_no_event_is_lost_duplicated_or_reordered_on_postgresql(seed: int, new_database: Callable[[str], str]) -> None:
    await simulate(seed, {name: new_database(name) for name in SERVICES})


async def simulate(seed: int, urls: Mapping[str, str]) -> None:
    kind = sorted(WORLDS)[seed % len(WORLDS)]
    simulation = Simulation(seed, urls, WORLDS[kind])
    try:
        await simulation.run()
    except BaseException:
        print("\n".join(simulation.fate.history), f"\nA world of {kind}. To see it again: {ONE}={seed}")
        raise
    finally:
        await simulation.close()
