"""`makersync policy`: the numbers that matching goes by, tried before they are applied."""

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context
from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.adapters.catalog_repository import load_catalog
from matching.adapters.market_file.rules_file import InvalidRules, read_rules
from matching.adapters.policy_repository import LivePolicy, live_rules, policy_in_use, restore_policy, store_policy
from matching.adapters.replay_repository import regions_to_replay, regions_with_openings
from matching.application.replaying import replay
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.evaluation.replay import RegionReplay
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.entrypoints.replay_text import Trial, described, show_trial, trial_document
from reference.places import load_places

app = typer.Typer(
    help="Show, try, apply and restore the policy: the numbers that the matching rules use. "
    "Example: makersync policy try policy.json",
    no_args_is_help=True,
)
out = Console(highlight=False, soft_wrap=True)

File = Annotated[Path, typer.Argument(help='{"policy": {numbers}}, {"catalog": {definitions}}, or both.')]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]


@app.command("show")
def show_command(as_json: AsJson = False) -> None:
    """Show the live policy. With --json, the output is a policy file to change and to try.

    Example: makersync policy show --json > policy.json"""
    with operator_errors():
        live = run_with_context("matching", shown)
    if as_json:
        typer.echo(json.dumps({"policy": live.policy.to_dict()}, indent=1))
        return
    since = f"applied {live.applied_at:%Y-%m-%d %H:%M:%S} UTC" if live.applied_at else "the one that comes with the product"
    out.print(f"Policy {live.policy.version}, {since}.")
    for name, number in live.policy.to_dict().items():
        if name != "version":
            out.print(f"  {name} {number}")


@app.command("try")
def try_command(file: File, as_json: AsJson = False) -> None:
    """Show what another policy or catalog would change in the present market. Nothing is changed.

    Example: makersync policy try policy.json --json"""
    with operator_errors():
        trial = run_with_context("matching", lambda context: tried(context, file))
    if as_json:
        typer.echo(json.dumps(trial_document(trial), indent=1))
    else:
        show_trial(out, trial)


@app.command("apply")
def apply_command(
    file: File,
    if_version: Annotated[int | None, typer.Option(help="Refuse unless this version is live now.")] = None,
) -> None:
    """Make a policy the live one, with the next version number. Example: makersync policy apply policy.json --if-version 1"""
    with operator_errors():
        proposed = run_with_context("matching", lambda context: applied(context, file, if_version))
    out.print(f"Policy {proposed.policy.version} is live: {described(proposed)}.", markup=False)
    out.print("Running instances notice within a second, evaluate again and publish what differs.")


@app.command("restore")
def restore_command(
    version: Annotated[int, typer.Option(min=1, help="The version number that it had; with --default, a number above it.")],
    file: Annotated[Path | None, typer.Argument(help='{"policy": {numbers}}, as `policy show --json` prints it.')] = None,
    default: Annotated[bool, typer.Option("--default", help="The policy that comes with the product.")] = False,
) -> None:
    """Restore the policy after the database that held it was lost. Example: makersync policy restore policy.json --version 3"""
    with operator_errors():
        if (file is None) is not default:
            raise OperatorError("Name a file, or --default, and not both.")
        policy = _numbers(file, version)
        run_with_context("matching", lambda context: restored(context, policy))
    out.print(f"Policy {version} is live.")


async def restored(context: Context, policy: Policy) -> None:
    """Raises OperatorError unless its version is above the live one's."""
    await require_migrated(context.store, "matching")
    async with context.store.transaction() as session:
        await restore_policy(session, context.clock, policy, getpass.getuser())


def _numbers(file: Path | None, version: int) -> Policy:
    try:
        numbers = {} if file is None else json.loads(file.read_bytes())["policy"]
        return Policy.from_dict({**numbers, "version": version})
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(f"{file} is no policy as `makersync policy show --json` prints it: {error}") from error


async def shown(context: Context) -> LivePolicy:
    await require_migrated(context.store, "matching")
    async with context.store.reading() as session:
        return await policy_in_use(session)


async def tried(context: Context, file: Path) -> Trial:
    """Both evaluations of every region, in one snapshot of the database. Raises OperatorError for a bad file."""
    await require_migrated(context.store, "matching")
    async with context.store.snapshot() as session:
        live = await live_rules(session, context.clock)
        proposed = _read(file, live.policy, live.catalog)
        replays = await _replay(session, context.clock, live.catalog, proposed)
    return Trial(live.day, live.policy.version, proposed, replays)


async def _replay(session: AsyncSession, clock: Clock, catalog: MarketCatalog, proposed: ProposedRules) -> list[RegionReplay]:
    """Region by region, so that one market at a time is in memory."""
    regions, replays, console = await regions_with_openings(session), [], Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("Evaluating twice", total=len(regions))
        async for stored in regions_to_replay(session, clock, regions, catalog):
            bar.update(task, description=f"Evaluating {stored.region} twice")
            replays.append(replay(stored, proposed, load_places()))
            bar.advance(task)
    return replays


async def applied(context: Context, file: Path, if_version: int | None) -> ProposedRules:
    """Raises OperatorError when the file is bad, changes no number or holds a catalog, or `if_version` is not live."""
    await require_migrated(context.store, "matching")
    async with context.store.transaction() as session:
        live = (await policy_in_use(session)).policy
        if if_version not in (None, live.version):
            raise OperatorError(f"Policy {live.version} is live, not {if_version}. Nothing was applied.")
        proposed = _read(file, live, await load_catalog(session))
        if proposed.has_catalog:
            raise OperatorError(
                f"{file} holds a catalog, which belongs to the learners service: run `makersync catalog apply {file}` for it, "
                "and apply the policy from a file without it. Nothing was applied."
            )
        if proposed.changes_nothing:
            raise OperatorError(f"{file} changes no number of policy {live.version}. Nothing was applied.")
        await store_policy(session, context.clock, proposed, getpass.getuser())
    return proposed


def _read(file: Path, policy: Policy, catalog: MarketCatalog) -> ProposedRules:
    try:
        return read_rules(file.read_bytes(), policy, catalog)
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    except InvalidRules as error:
        raise OperatorError(f"{file} is no change of the rules; nothing was done:\n{error}") from error
