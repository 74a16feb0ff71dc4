"""How much is measured: enough for figures that hold still, or just enough to see that everything runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Durations in seconds. `records` are those of a round of the bare loops and their counterparts; `rates` learner events
    a second, each for `windows` windows; `markets` the learners of the markets that the matching consumer is measured on."""

    rounds: int
    records: int
    openings: int
    pool: int
    rates: tuple[int, ...]
    windows: int
    window_s: float
    markets: tuple[int, ...]
    most_changes: int


FULL = Sizes(
    rounds=5,
    records=20_000,
    openings=200,
    pool=2000,
    rates=(50, 200),
    windows=3,
    window_s=10.0,
    markets=(1000, 5000),
    most_changes=2000,
)
QUICK = Sizes(
    rounds=1,
    records=1500,
    openings=20,
    pool=60,
    rates=(50, 200),
    windows=1,
    window_s=0.6,
    markets=(40,),
    most_changes=40,
)
