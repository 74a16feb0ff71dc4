"""`makersync catalog`: definitions from a file into the catalog."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console

from learners.adapters.unit_of_work import LearnersUnitsOfWork, Requester
from learners.application.applying_catalog import Applied, apply_catalog
from learners.domain.catalog import Competency
from learners.domain.errors import InvalidDefinitions, Stale
from learners.entrypoints.catalog_bodies import CompetencyBody
from learners.entrypoints.fields import CatalogId
from learners.entrypoints.proposal_bodies import ProposalBody
from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context
from makersync.effects.conditions import demand_writes
from makersync.errors import OperatorError, RetryLater
from makersync.http.bodies import RequestModel
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from reference.places import load_places

app = typer.Typer(
    help="Load definitions into the credential catalog. Example: makersync catalog apply catalog.json", no_args_is_help=True
)
out = Console(highlight=False, soft_wrap=True, markup=False)


class CompetencyEntry(CompetencyBody):
    id: CatalogId


class CatalogEntries(RequestModel):
    """The catalog of a market file (MARKET.md section 14); either list may be left out."""

    competencies: tuple[CompetencyEntry, ...] = ()
    credentials: tuple[ProposalBody, ...] = ()


class DefinitionsFile(BaseModel):
    """Whatever else the file holds, such as a policy or a whole market, is not looked at."""

    catalog: CatalogEntries


@app.callback()
def _root() -> None:
    """Without this, typer would make the only command of the group the group itself."""


@app.command("apply")
def apply_command(
    file: Annotated[Path, typer.Argument(help='{"catalog": {"competencies": [...], "credentials": [...]}}')],
) -> None:
    """Add the definitions of a file that are new, and revise those that differ; nothing is removed. `makersync policy try`
    shows beforehand what that would change in the market. Example: makersync catalog apply catalog.json"""
    with operator_errors():
        entries = read_entries(file)
        done = run_with_context("learners", lambda context: apply_entries(context, file, entries))
    for word, subjects in (("defined", done.defined), ("revised", done.revised)):
        for subject in subjects:
            out.print(f"{word} {subject}")
    for remark in done.remarks:
        out.print(f"look at {remark.field}: {remark.detail}")
    out.print(f"{len(done.defined)} defined, {len(done.revised)} revised, {done.unchanged} as they were.")


def read_entries(file: Path) -> CatalogEntries:
    """Raises OperatorError, which names everything that has the wrong shape."""
    try:
        return DefinitionsFile.model_validate_json(file.read_bytes()).catalog
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise OperatorError(f"{file} holds no catalog; nothing was applied:\n" + "\n".join(problems)) from error


async def apply_entries(context: Context, file: Path, entries: CatalogEntries) -> Applied:
    """All in one transaction. Raises OperatorError, or RetryLater when the catalog changed meanwhile."""
    await require_migrated(context.store, "learners")
    competencies = [Competency(each.id, each.name) for each in entries.competencies]
    credentials = [each.definition(each.id) for each in entries.credentials]
    units_of_work = LearnersUnitsOfWork(context.outbox, context.clock, load_places())
    try:
        async with context.store.transaction() as session:
            await demand_writes(session)
            return await apply_catalog(units_of_work.at(session, Requester(None, getpass.getuser())), competencies, credentials)
    except InvalidDefinitions as error:
        raise OperatorError(f"{file} breaks rules of the catalog; nothing was applied:\n{error}") from error
    except Stale as error:
        raise RetryLater("Somebody else has changed the catalog just now; nothing was applied") from error
