"""How much is measured: all that the product is measured by, a tenth of it in minutes, or just enough to see that it runs."""

from dataclasses import dataclass
from enum import StrEnum


class Size(StrEnum):
    TINY = "tiny"
    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Durations in seconds.

    `records` are those of a round of the bare loops and their counterparts, `messages` those of the webhooks; `rates` learner
    events a second, each for `windows` windows, among `pool` learners and `openings`. A round of the kernel and of PostgreSQL
    takes at most `kernel_s` each for learner events and for opening events. A round of the service has `service_events`.
    `nation` is the share of 1,000,000 learners and 500,000 openings, `nation_steps` the smaller nations that an event is
    compared in. Pages are those of a demo with the options of `page_market`, each visited `page_visits` times, with so many
    openings and learners in the stores in all; 0 for those of the demo. A measure takes at most `measure_s`.
    """

    rounds: int
    records: int
    messages: int
    openings: int
    pool: int
    rates: tuple[int, ...]
    windows: int
    window_s: float
    kernel_openings: int
    kernel_learners: int
    kernel_events: int
    kernel_s: float
    gin_batch: int
    service_openings: int
    service_learners: int
    service_events: int
    nation: float
    nation_steps: tuple[float, ...]
    nation_events: int
    file_openings: int
    file_learners: int
    reference_openings: int
    reference_learners: int
    page_market: tuple[str, ...]
    page_visits: int
    page_openings: int
    page_learners: int
    measure_s: float


FULL = Sizes(
    rounds=5,
    records=20_000,
    messages=1000,
    openings=200,
    pool=2000,
    rates=(50, 200),
    windows=3,
    window_s=10.0,
    kernel_openings=10_000,
    kernel_learners=200_000,
    kernel_events=40_000,
    kernel_s=20.0,
    gin_batch=10,
    service_openings=10_000,
    service_learners=200_000,
    service_events=40_000,
    nation=1.0,
    nation_steps=(0.01, 0.1),
    nation_events=20_000,
    file_openings=10_000,
    file_learners=100_000,
    reference_openings=500,
    reference_learners=5000,
    page_market=("--regions", "5"),
    page_visits=50,
    page_openings=10_000,
    page_learners=200_000,
    measure_s=14_400.0,
)
SMALL = Sizes(
    rounds=3,
    records=20_000,
    messages=500,
    openings=200,
    pool=2000,
    rates=(50, 200),
    windows=1,
    window_s=10.0,
    kernel_openings=1000,
    kernel_learners=20_000,
    kernel_events=4000,
    kernel_s=5.0,
    gin_batch=10,
    service_openings=1000,
    service_learners=20_000,
    service_events=4000,
    nation=0.01,
    nation_steps=(0.001,),
    nation_events=2000,
    file_openings=1000,
    file_learners=10_000,
    reference_openings=100,
    reference_learners=1000,
    page_market=("--regions", "5"),
    page_visits=50,
    page_openings=0,
    page_learners=0,
    measure_s=1200.0,
)
TINY = Sizes(
    rounds=1,
    records=1500,
    messages=30,
    openings=20,
    pool=60,
    rates=(50, 200),
    windows=1,
    window_s=0.6,
    kernel_openings=60,
    kernel_learners=300,
    kernel_events=200,
    kernel_s=1.0,
    gin_batch=5,
    service_openings=20,
    service_learners=60,
    service_events=60,
    nation=0.0002,
    nation_steps=(0.0001,),
    nation_events=40,
    file_openings=20,
    file_learners=100,
    reference_openings=10,
    reference_learners=30,
    page_market=("--regions", "48620", "--openings", "25", "--learners", "30"),
    page_visits=3,
    page_openings=0,
    page_learners=0,
    measure_s=240.0,
)
SIZES = {Size.TINY: TINY, Size.SMALL: SMALL, Size.FULL: FULL}
