"""`make bench`: figures of the engine, the services and the way between them, each beside what else could do the work."""

import asyncio
import json
import logging
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvloop
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.clock import WallClock
from makersync.errors import OperatorError
from tests.performance.consuming import measure_consumer
from tests.performance.figures import Figure, Report, this_machine
from tests.performance.files import measure_files
from tests.performance.kernel import measure_kernel
from tests.performance.latency import measure_latency
from tests.performance.nation import measure_nation
from tests.performance.pacing import measure_pacing
from tests.performance.pages import measure_pages
from tests.performance.printing import Told, progress, show
from tests.performance.relaying import measure_relay
from tests.performance.service import measure_service
from tests.performance.sizes import SIZES, Size, Sizes
from tests.performance.stages import NoCluster, Stage, cluster_servers, cluster_stage, embedded_stage, gin_server
from tests.performance.waiting import BenchStuck
from tests.performance.webhooks import measure_webhooks

OnStage = Callable[[Stage, Sizes, Told], Awaitable[Sequence[Figure]]]
TERMINATED = 128 + signal.SIGTERM
#: Where what needs no broker is reported.
ALONE = "one process"


class Measure(StrEnum):
    """In the order in which they run."""

    KERNEL = "kernel"
    FILES = "files"
    PATHWAYS = "pathways"
    PAGES = "pages"
    RELAY = "relay"
    CONSUMER = "consumer"
    WEBHOOKS = "webhooks"
    LATENCY = "latency"
    SERVICE = "service"
    NATION = "nation"


ON_STAGE: Mapping[Measure, OnStage] = {
    Measure.RELAY: measure_relay,
    Measure.CONSUMER: measure_consumer,
    Measure.WEBHOOKS: measure_webhooks,
    Measure.LATENCY: measure_latency,
    Measure.SERVICE: measure_service,
    Measure.NATION: measure_nation,
}


class Profiles(StrEnum):
    EMBEDDED = "embedded"
    CLUSTER = "cluster"
    BOTH = "both"


app = typer.Typer(add_completion=False)


@app.command()
def bench(
    size: Annotated[Size, typer.Option(help="How much: seconds, minutes, or hours.")] = Size.SMALL,
    profile: Annotated[Profiles, typer.Option(help="What to measure on.")] = Profiles.BOTH,
    measure: Annotated[list[Measure] | None, typer.Option(help="Only these; give it several times.")] = None,
    scale: Annotated[
        float | None, typer.Option(min=0.0001, max=1.0, help="The nation's share of 1,000,000 learners, whatever the size.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")] = None,
) -> None:
    """Measure the product and print a table. Ends by itself and leaves nothing behind.

    The figures of the size `tiny` say little: it is there to see that everything runs. The cluster profile needs Apache Kafka
    and PostgreSQL: named by MAKERSYNC_TEST_KAFKA and MAKERSYNC_TEST_POSTGRES, else in Docker, else from binaries of this
    machine. Without them, `both` measures the embedded profile alone and says so.

    Example: make bench ARGS="--size full --profile cluster --measure nation --json figures.json"
    """
    report = Report(WallClock().now(), size, this_machine())
    sizes = SIZES[size] if scale is None else replace(SIZES[size], nation=scale, nation_steps=())
    wanted = [one for one in Measure if measure is None or one in measure]
    with operator_errors():
        try:
            with progress(Console(stderr=True)) as told, _kept_when_stuck() as folder:
                Run(report, sizes, wanted, told, folder).measure(profile)
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

    def __init__(self, report: Report, sizes: Sizes, wanted: Sequence[Measure], told: Told, folder: Path) -> None:
        self._report, self._sizes, self._wanted, self._told, self._folder = report, sizes, wanted, told, folder

    def measure(self, profile: Profiles) -> None:
        """Raises OperatorError, BenchStuck."""
        self._measure_alone()
        if not any(one in ON_STAGE for one in self._wanted):
            return
        if profile is not Profiles.CLUSTER:
            uvloop.run(self._measure_on(embedded_stage(self._folder / "embedded")))
        if profile is not Profiles.EMBEDDED:
            self._measure_cluster(required=profile is Profiles.CLUSTER)

    def _measure_alone(self) -> None:
        if Measure.KERNEL in self._wanted:
            try:
                with gin_server() as server:
                    self._report.servers[ALONE] = server.describe()
                    self._take(ALONE, measure_kernel(server.new_database("gin"), self._sizes, self._told))
            except NoCluster as absent:
                self._report.left_out["PostgreSQL GIN"] = str(absent)
                self._take(ALONE, measure_kernel(None, self._sizes, self._told))
        if Measure.FILES in self._wanted:
            self._take(ALONE, measure_files(self._folder, self._sizes, self._told))
        if Measure.PATHWAYS in self._wanted:
            self._take(ALONE, measure_pacing(self._sizes, self._told))
        if Measure.PAGES in self._wanted:
            self._take(ALONE, measure_pages(self._folder, self._sizes, self._told))

    def _take(self, profile: str, measuring: Coroutine[Any, Any, Sequence[Figure]]) -> None:
        async def bounded() -> Sequence[Figure]:
            _end_on_sigterm()
            async with asyncio.timeout(self._sizes.measure_s):
                return await measuring

        self._report.servers.setdefault(profile, "no server")
        self._report.figures.setdefault(profile, []).extend(uvloop.run(bounded()))

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
        _end_on_sigterm()
        async with opening as stage:
            self._report.servers[stage.profile] = stage.servers
            figures = self._report.figures.setdefault(stage.profile, [])
            for measure in self._wanted:
                if measure in ON_STAGE:
                    async with asyncio.timeout(self._sizes.measure_s):
                        figures.extend(await ON_STAGE[measure](stage, self._sizes, self._told))


def _end_on_sigterm() -> None:
    """SIGTERM ends it as Ctrl-C does: everything that was started is stopped."""
    measuring = asyncio.current_task()
    assert measuring is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)


if __name__ == "__main__":
    app(prog_name="python -m tests.performance")
