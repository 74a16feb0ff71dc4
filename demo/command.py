"""`makersync demo`: the whole product on this machine, with a market that lives."""

import asyncio
import logging
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from demo.market.atlas import UnknownRegion, load_atlas
from demo.market.generated_market import GeneratedMarket
from demo.market.market_file import write_market_file
from demo.market.plan import LEARNERS_A_REGION, MOST, OPENINGS_A_REGION, MarketPlan, choose_regions
from demo.running.lifecycle import RunEnding, run
from demo.running.session import RunOptions
from demo.running.stack import Layout
from demo.showing.reporting import new_console, reporter_for
from makersync.cli.messages import operator_errors
from makersync.cli.option_groups import grouped
from makersync.clock import WallClock
from makersync.errors import OperatorError

INTERRUPTED = 130
FOLDER = Path("var/demo")

app = typer.Typer(
    help="Start a broker and the three services here, load a synthetic market, and show it live until Ctrl-C. "
    "Its days are those of UTC, whatever MAKERSYNC_TIME_ZONE says. Example: makersync demo --regions 3 --rate 5"
)

Regions = Annotated[str, typer.Option(help="A number of labour markets, CBSA codes with commas, or `all`.")]
Openings = Annotated[
    int | None, typer.Option(min=1, max=MOST, help=f"Number of openings. Default: {OPENINGS_A_REGION} a region.")
]
Learners = Annotated[
    int | None, typer.Option(min=1, max=MOST, help=f"Number of learners. Default: {LEARNERS_A_REGION} a region.")
]
Seed = Annotated[int, typer.Option(help="The same seed makes the same market and the same moves.")]


@dataclass(frozen=True, slots=True)
class MarketOptions:
    """Which market is made."""

    regions: Regions = "5"
    openings: Openings = None
    learners: Learners = None
    seed: Seed = 7

    def market(self) -> GeneratedMarket:
        """Raises OperatorError for regions that there are not."""
        atlas = load_atlas()
        try:
            codes = choose_regions(self.regions, atlas)
        except UnknownRegion as error:
            raise OperatorError(f"--regions: {error}. Name a number, CBSA codes such as 17410,19820, or all.") from error
        plan = MarketPlan(
            regions=codes,
            openings=self.openings or OPENINGS_A_REGION * len(codes),
            learners=self.learners or LEARNERS_A_REGION * len(codes),
            seed=self.seed,
            day=WallClock().today(),
        )
        return GeneratedMarket(plan, atlas)


@dataclass(frozen=True, slots=True)
class PortOptions:
    """Where the services and the embedded broker listen."""

    openings_port: Annotated[int, typer.Option(min=1, max=65535, help="HTTP port of the openings service.")] = 8101
    learners_port: Annotated[int, typer.Option(min=1, max=65535, help="HTTP port of the learners service.")] = 8102
    matching_port: Annotated[int, typer.Option(min=1, max=65535, help="HTTP port of the matching service.")] = 8103
    broker_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the embedded broker.")] = 19092

    @property
    def by_service(self) -> dict[str, int]:
        return {"openings": self.openings_port, "learners": self.learners_port, "matching": self.matching_port}


@app.callback(invoke_without_command=True)
@grouped
def demo(
    *,
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Load the market, wait until every event is consumed, print a summary and end.")
    ] = False,
    size: MarketOptions,
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Moves a second in the live phase.")] = 2.0,
    broker: Annotated[str | None, typer.Option(help="host:port of a Kafka to use instead of the embedded broker.")] = None,
    state_folder: Annotated[Path, typer.Option(help="Databases, logs and keys; emptied at each start.")] = FOLDER,
    ports: PortOptions,
) -> None:
    """Start a broker and the three services here, load a synthetic market, and show it live until Ctrl-C.

    Example: makersync demo --regions 17410,19820 --learners 500 --rate 5
    """
    if context.invoked_subcommand is not None:
        return
    options = RunOptions(Layout(state_folder, ports.by_service, ports.broker_port, broker), None if once else rate)
    # What a library would log, the demo says itself.
    logging.getLogger().addHandler(logging.NullHandler())
    with operator_errors():
        _demand_address(broker)
        market = size.market()
        ending = asyncio.run(run(options, market, reporter_for(new_console()), WallClock()))
    if once and ending is RunEnding.STOPPED:
        raise typer.Exit(INTERRUPTED)


@app.command("market")
@grouped
def market_command(
    *,
    file: Annotated[Path, typer.Argument(help="Where to write; `-` is standard output.")],
    size: MarketOptions,
) -> None:
    """Write the demo market as a market file, without starting anything. Example: makersync demo market market.json --seed 3"""
    with operator_errors():
        market = size.market()
        if str(file) == "-":
            write_market_file(market, sys.stdout)
            return
        try:
            with file.open("w", encoding="utf-8") as out:
                write_market_file(market, out)
        except OSError as error:
            raise OperatorError(f"{file} cannot be written: {error.strerror}.") from error
    typer.echo(f"{file}: {market.plan.openings} openings, {market.plan.learners} learners on {market.plan.day}.")


def _demand_address(broker: str | None) -> None:
    if broker is not None and not re.fullmatch(r"[^\s:,]+:[0-9]{1,5}(,[^\s:,]+:[0-9]{1,5})*", broker):
        raise OperatorError(f"--broker: {broker!r} is not host:port, such as 127.0.0.1:9092.")
