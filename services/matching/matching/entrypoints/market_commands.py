"""`makersync market`: evaluate, export and verify market files (MARKET.md section 14)."""

import gc
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.adapters.market_file.closing import UNDEFINED
from matching.adapters.market_file.files import Difference, InvalidMarket, compare, read_market
from matching.adapters.market_file.writing import evaluation_document
from matching.adapters.match_events import facts_of
from matching.domain.evaluation.by_engine import evaluate_by_regions
from matching.domain.evaluation.reference import Evaluation, evaluate
from matching.domain.explanation.findings import Explanation, ShortlistPlace, explain, place_on
from matching.domain.market.subjects import Market
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from matching.entrypoints.explanation_text import show_explanation
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.market_export import export, matches_file
from reference.places import load_places

app = typer.Typer(
    help="Evaluate, explain, export and verify market files: a whole market as one JSON document. "
    "Example: makersync market evaluate market.json"
)
out = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
DIFFERS = 1

File = Annotated[Path, typer.Argument(help="The market file.")]


Plainly = Annotated[
    bool, typer.Option("--reference", help="Compare every pair, as the rules are written, instead of running the engine.")
]


@app.command("evaluate")
def evaluate_command(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    reference: Plainly = False,
) -> None:
    """Compute matches, pathways and shortage cells of a market file. Example: makersync market evaluate market.json --json"""
    with operator_errors():
        evaluation = _evaluate(_read(file), reference)
    if as_json:
        typer.echo(orjson.dumps(evaluation_document(evaluation), option=orjson.OPT_INDENT_2))
    else:
        _show(evaluation)


@app.command("explain")
def explain_command(
    file: File,
    opening: Annotated[str, typer.Argument(help="The opening's id.")],
    learner: Annotated[str, typer.Argument(help="The learner's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Explain why a learner of a file matches an opening or not.

    Example: makersync market explain market.json opn_01k9 lrn_01k9"""
    with operator_errors():
        explained, place = _explanation(_read(file), opening, learner)
    if as_json:
        typer.echo(ExplanationView.of(explained, place).as_json())
    else:
        show_explanation(out, explained, place)


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="Where to write; the live matches go beside it.")] = Path("market.json"),
    region: Annotated[str | None, typer.Option(help="One region with all learners who reach it. Default: all.")] = None,
) -> None:
    """Write the stored market as a market file, and the live matches beside it.

    Example: makersync market export --region 17410"""
    with operator_errors():
        market, matches = run_with_context("matching", lambda context: _export(context, file, region))
    out.print(f"{file}: {len(market.openings)} openings, {len(market.learners)} learners on {market.day}.")
    undefined = sum(each.startswith(UNDEFINED) for each in market.catalog.competencies)
    if undefined:
        out.print(f"{undefined} credentials have no definition yet and are held by nobody: see {UNDEFINED}... in the file.")
    out.print(f"{matches_file(file)}: {len(matches)} live matches. Check them: makersync market verify {file}")


@app.command("verify")
def verify_command(file: File, reference: Plainly = False) -> None:
    """Check that the exported live matches equal the evaluation of the file. Example: makersync market verify market.json"""
    with operator_errors():
        market = _read(file)
        live = _read_matches(matches_file(file))
    differences = compare(live, _evaluate(market, reference).matches)
    for each in differences:
        complaints.print(_line(each))
    if differences:
        complaints.print(f"{len(differences)} differences in {len(live)} live matches.")
        raise typer.Exit(DIFFERS)
    out.print(f"{len(live)} live matches equal the evaluation of {file}, pair by pair.")


def _evaluate(market: Market, reference: bool) -> Evaluation:
    places, console = load_places(), Console(stderr=True)
    if reference:
        return evaluate(market, places)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Evaluating regions")
        return evaluate_by_regions(market, places, lambda done, total: bar.update(task, completed=done, total=total))


async def _export(context: Context, file: Path, region: str | None) -> tuple[Market, list[RankedMatch]]:
    await require_migrated(context.store, "matching")
    return await export(context, file, region)


def _explanation(market: Market, opening_id: str, learner_id: str) -> tuple[Explanation, ShortlistPlace]:
    """Ranked among the evaluation of that opening alone."""
    opening = next((each for each in market.openings if each.opening_id == opening_id), None)
    learner = next((each for each in market.learners if each.learner_id == learner_id), None)
    if opening is None or learner is None:
        raise OperatorError(f"The file has no opening {opening_id} or no learner {learner_id}.")
    places = load_places()
    explained = explain(opening, learner, Rules(market.catalog, market.policy, places, market.day))
    shortlist = evaluate(replace(market, openings=(opening,), cohorts=()), places).matches
    return explained, place_on(shortlist, explained)


def _read(file: Path) -> Market:
    # Everything that is made of the file is kept until the command ends.
    gc.disable()
    try:
        return read_market(file.read_bytes(), load_places())
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    except InvalidMarket as error:
        raise OperatorError(f"{file} is not a market; nothing was evaluated:\n{error}") from error


def _read_matches(file: Path) -> list[RankedMatch]:
    try:
        entries: list[dict[str, Any]] = json.loads(file.read_bytes())["matches"]
        return [RankedMatch(e["opening_id"], e["learner_id"], e["rank"], facts_of(e)) for e in entries]
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}. `makersync market export` writes it.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(f"{file} does not hold live matches as `makersync market export` writes them.") from error


def _line(difference: Difference) -> str:
    pair = f"{difference.opening_id} / {difference.learner_id}"
    return f"{pair}: {difference.aspect} is {difference.live!r} live, {difference.evaluated!r} evaluated"


def _show(evaluation: Evaluation) -> None:
    matches = _table("opening", "rank", "learner", "score", title=f"{len(evaluation.matches)} matches")
    for each in sorted(evaluation.matches, key=lambda m: (m.opening_id, m.rank)):
        matches.add_row(each.opening_id, str(each.rank), each.learner_id, str(each.facts.score))
    columns = ("region", "subject", "level", "level ahead", "demand", "supply", "pipeline")
    cells = _table(*columns, title=f"{len(evaluation.cells)} cells")
    for cell in evaluation.cells:
        levels, measure = (cell.level.word, cell.level_ahead.word), cell.measure
        counts = (str(count) for count in (measure.demand, measure.supply, measure.pipeline))
        cells.add_row(cell.region, cell.subject, *levels, *counts)
    pathways = _table("learner", "one credential away", "positions", title=f"{len(evaluation.pathways)} pathways")
    for learner_id, pathway in evaluation.pathways.items():
        pathways.add_row(learner_id, "\n".join(p.credential for p in pathway), "\n".join(str(p.unlocked) for p in pathway))
    out.print(matches, pathways, cells)


def _table(*columns: str, title: str) -> Table:
    """Ids are to be copied: on a narrow terminal they wrap, and are never cut."""
    table = Table(title=title)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
