"""`make bench`: figures of the relay, the consumer loop, the way from event to match, and the matching consumer."""

import asyncio
import json
import logging
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.clock import WallClock
from makersync.errors import OperatorError
from tests.performance.consuming import measure_consumer
from tests.performance.figures import Figure, Report, this_machine
from tests.performance.latency import measure_latency
from tests.performance.printing import Told, progress, show
from tests.performance.relaying import measure_relay
from tests.performance.sizes import FULL, QUICK, Sizes
from tests.performance.stages import NoCluster, Stage, cluster_servers, cluster_stage, embedded_stage
from tests.performance.throughput import measure_throughput
from tests.performance.waiting import BenchStuck

Measure = Callable[[Stage, Sizes, Told], Awaitable[Sequence[Figure]]]
MEASURES: tuple[Measure, ...] = (measure_relay, measure_consumer, measure_latency, measure_throughput)
#: A measure of the full size takes two or three minutes.
MEASURE_S = 900.0
TERMINATED = 128 + signal.SIGTERM


class Profiles(StrEnum):
    EMBEDDED = "embedded"
    CLUSTER = "cluster"
    BOTH = "both"


app = typer.Typer(add_completion=False)


@app.command()
def bench(
    profile: Annotated[Profiles, typer.Option(help="What to measure on.")] = Profiles.BOTH,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny sizes: to see that it runs. The figures say little.")] = False,
) -> None:
    """Measure the product and print a table. Takes minutes; ends by itself and leaves nothing behind.

    The cluster profile needs Apache Kafka and PostgreSQL: named by MAKERSYNC_TEST_KAFKA and MAKERSYNC_TEST_POSTGRES, else
    in Docker, else from binaries of this machine. Without them, `both` measures the embedded profile alone and says so.

    Example: make bench ARGS="--profile embedded --json figures.json"
    """
    report = Report(WallClock().now(), quick, this_machine())
    with operator_errors():
        try:
            with progress(Console(stderr=True)) as told, _kept_when_stuck() as folder:
                Run(report, QUICK if quick else FULL, told, folder).measure(profile)
        except asyncio.CancelledError as ended:
            raise typer.Exit(TERMINATED) from ended
        finally:
            _hand_over(report, json_file)


@contextmanager
def _kept_when_stuck() -> Iterator[Path]:
    """A folder for everything that a run writes. It is removed, unless what the processes said is needed to find a cause."""
    folder = Path(tempfile.mkdtemp(prefix="makersync-bench-"))
    _log_to(folder / "bench.log")
    try:
        yield folder
    except (BenchStuck, OperatorError, TimeoutError) as error:
        raise OperatorError(f"{error or 'A measure took too long'}\nWhat everything said is in {folder}.") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _hand_over(report: Report, json_file: Path | None) -> None:
    """What was measured, also when something after it failed."""
    if report.figures:
        show(report, Console())
    if json_file is not None and report.figures:
        json_file.write_text(json.dumps(report.as_data(), indent=2) + "\n", encoding="utf-8")


def _log_to(file: Path) -> None:
    """What runs in this process would log to the terminal, between the progress and the table."""
    logging.basicConfig(filename=file, level=logging.INFO)
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger)


class Run:
    """One run over the profiles; `report` grows."""

    def __init__(self, report: Report, sizes: Sizes, told: Told, folder: Path) -> None:
        self._report, self._sizes, self._told, self._folder = report, sizes, told, folder

    def measure(self, profile: Profiles) -> None:
        """Raises OperatorError, BenchStuck."""
        if profile is not Profiles.CLUSTER:
            uvloop.run(self._measure_on(embedded_stage(self._folder / "embedded")))
        if profile is not Profiles.EMBEDDED:
            self._measure_cluster(required=profile is Profiles.CLUSTER)

    def _measure_cluster(self, *, required: bool) -> None:
        self._told("cluster: looking for Kafka and PostgreSQL")
        try:
            with cluster_servers() as servers:
                uvloop.run(self._measure_on(cluster_stage(self._folder / "cluster", servers)))
        except NoCluster as absent:
            if required:
                raise OperatorError(f"The cluster profile cannot be measured: {absent}.") from absent
            self._report.left_out["cluster"] = str(absent)

    async def _measure_on(self, opening: AbstractAsyncContextManager[Stage]) -> None:
        """SIGTERM ends it as Ctrl-C does: everything that was started is stopped."""
        measuring = asyncio.current_task()
        assert measuring is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
        async with opening as stage:
            self._report.servers[stage.profile] = stage.servers
            figures: list[Figure] = []
            for measure in MEASURES:
                async with asyncio.timeout(MEASURE_S):
                    figures += await measure(stage, self._sizes, self._told)
            self._report.figures[stage.profile] = figures


if __name__ == "__main__":
    app(prog_name="python -m tests.performance")
