"""`makersync dead-letters`: lists dead letters, and decides what happens to them."""

import asyncio
import getpass
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeVar

import typer
from rich.console import Console

from makersync.cli.confirming import confirm
from makersync.cli.messages import operator_errors
from makersync.cli.option_groups import grouped
from makersync.cli.service_store import existing_store
from makersync.clock import WallClock
from makersync.effects.dead_letter_decisions import DeadLetterSelection, Decision, decide, letters, selected_ids
from makersync.effects.dead_letters import DISMISSED, OPEN, REPLAYED, REQUESTED, SUPERSEDED
from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow

app = typer.Typer(
    help="List, replay and dismiss dead letters: records that a consumer could not process and has set aside. "
    "Example: makersync dead-letters list --service matching",
    no_args_is_help=True,
)
out = Console(highlight=False, soft_wrap=True, markup=False)
ALL = "all"
STATUSES = (OPEN, REQUESTED, SUPERSEDED, REPLAYED, DISMISSED, ALL)
T = TypeVar("T")

Service = Annotated[str, typer.Option(help="The service that set them aside: openings, learners or matching.")]
Id = Annotated[int, typer.Argument(help="Its id, as `list` shows it.")]
Ids = Annotated[
    list[int] | None, typer.Argument(help="Ids, as `list` shows them. Or select with the options.", show_default=False)
]
ConsumerName = Annotated[str | None, typer.Option("--consumer", help="Only those of this consumer.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Only those with this reason, such as not_json.")]
TopicName = Annotated[str | None, typer.Option("--topic", help="Only those of this topic.")]
Partition = Annotated[int | None, typer.Option("--partition", min=0, help="Only those of this partition number.")]
Subject = Annotated[
    str | None, typer.Option("--subject", help="Only those of this subject: its id, or the whole key of the record.")
]
Because = Annotated[
    str | None, typer.Option("--because", "--reason-note", help="The reason, kept with the dead letter and in the audit trail.")
]
All = Annotated[bool, typer.Option("--all", help="Select all open dead letters.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """The options that select the dead letters for a command."""

    consumer: ConsumerName = None
    reason: Reason = None
    topic: TopicName = None
    partition: Partition = None
    subject: Subject = None

    def selection(self, ids: list[int] | None = None, statuses: tuple[str, ...] | None = (OPEN,)) -> DeadLetterSelection:
        chosen = tuple(ids) if ids else None
        return DeadLetterSelection(chosen, self.consumer, self.topic, self.partition, self.reason, self.subject, statuses)


@app.command("list")
@grouped
def list_command(
    *,
    service: Service,
    status: Annotated[str, typer.Option(help=f"Which to list: {', '.join(STATUSES[:-1])} or {ALL}.")] = OPEN,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The number of dead letters to print.")] = 100,
    only: DeadLetterFilter,
) -> None:
    """List the dead letters of a service, by default the open ones.

    Example: makersync dead-letters list --service matching --status all"""
    selection = only.selection(statuses=None if status == ALL else (status,))

    async def show(store: Store) -> None:
        async with store.reading() as session:
            ids = await selected_ids(session, selection)
            rows = await letters(session, ids[:limit])
        for row in rows:
            _print(row)
        if len(ids) > limit:
            out.print(f"and {len(ids) - limit} more; see --limit")
        if not rows:
            out.print("No dead letters." if status == ALL else f"No dead letters with status {status}.")

    with operator_errors():
        _demand_status(status)
        _with_store(service, show)


@app.command("show")
def show_command(service: Service, letter: Id) -> None:
    """Show one dead letter with its record and what was decided about it.

    Example: makersync dead-letters show --service matching 12"""

    async def show(store: Store) -> None:
        async with store.reading() as session:
            row = await session.get(DeadLetterRow, letter)
        if row is None:
            raise OperatorError(f"{service} has no dead letter {letter}.")
        _print(row)
        out.print(f"detail: {row.detail}")
        out.print(
            f"replays: {row.attempts}" + (f", the last {row.attempted_at:%Y-%m-%d %H:%M:%S} UTC" if row.attempted_at else "")
        )
        if row.resolved_by:
            out.print(f"decided by: {row.resolved_by}" + (f", because: {row.note}" if row.note else ""))
        out.print(f"record: {(row.payload or b'').decode(errors='backslashreplace')}")

    with operator_errors():
        _with_store(service, show)


@app.command("replay")
@grouped
def replay_command(
    *,
    service: Service,
    ids: Ids = None,
    only: DeadLetterFilter,
    all_: All = False,
    because: Because = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help="The most records a second. Default: no limit.")] = None,
    yes: Yes = False,
) -> None:
    """Have the running consumer process dead letters again.

    Fix the cause first: a record that fails again stays a dead letter. Events keep their ids and versions, so nothing takes
    effect twice.

    Example: makersync dead-letters replay --service matching --reason unknown_type --because "the reader is fixed" """
    selection = only.selection(ids)
    count = _decide(service, selection, all_, Decision(REQUESTED, getpass.getuser(), because, rate), yes).total()
    out.print(f"The running service reads {_counted(count)} again within seconds; `list --status all` shows what came of it.")


@app.command("dismiss")
@grouped
def dismiss_command(
    *,
    service: Service,
    ids: Ids = None,
    only: DeadLetterFilter,
    all_: All = False,
    because: Because = None,
    yes: Yes = False,
) -> None:
    """Close dead letters whose records shall never be processed.

    They stay listed under the status dismissed. Requested replays of them that have not run yet are cancelled.

    Example: makersync dead-letters dismiss --service matching 12 --because "a test record" """
    selection = only.selection(ids)
    count = _decide(service, selection, all_, Decision(DISMISSED, getpass.getuser(), because), yes)
    total, waited = count.total(), count[REQUESTED]
    named = f"Dead letter {ids[0]} is" if ids and total == 1 else f"{_counted(total)} {'is' if total == 1 else 'are'}"
    out.print(f"{named} dismissed." + (f" Replays taken back: {waited}." if waited else ""))


def _decide(service: str, selection: DeadLetterSelection, everything: bool, decision: Decision, is_sure: bool) -> Counter[str]:
    verbs: dict[Literal["requested", "dismissed"], str] = {REQUESTED: "Replay", DISMISSED: "Dismiss"}
    with operator_errors():
        if selection.is_everything is not everything:
            raise OperatorError("Say which: ids, --consumer, --reason, --topic, --partition or --subject; or --all alone.")
        ids = _with_store(service, lambda store: _ids_for(store, service, selection, decision))
        if not ids:
            raise OperatorError(f"{service} has no {' or '.join(decision.takes)} dead letters like that.")
        if selection.ids is None:
            confirm(f"{verbs[decision.status]} {_counted(len(ids))} of {service}?", is_sure)

        async def decide_all(store: Store) -> Counter[str]:
            async with store.transaction() as session:
                return await decide(session, WallClock(), ids, decision)

        return _with_store(service, decide_all)


async def _ids_for(store: Store, service: str, selection: DeadLetterSelection, decision: Decision) -> list[int]:
    """Raises OperatorError for an id that does not exist, or whose status does not allow the decision."""
    async with store.reading() as session:
        wanted = selection.ids or ()
        known = {row.id: row.status for row in await letters(session, wanted)}
        for number in wanted:
            if number not in known:
                raise OperatorError(f"{service} has no dead letter {number}.")
            if known[number] not in decision.takes:
                verb = {REQUESTED: "replayed", DISMISSED: "dismissed"}[decision.status]
                can_be = f"only {' and '.join(decision.takes)} ones can be {verb}"
                raise OperatorError(f"Dead letter {number} is {known[number]}: {can_be}.")
        return await selected_ids(session, replace(selection, statuses=decision.takes))


def _with_store(service: str, step: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        async with existing_store(service) as store:
            return await step(store)

    return asyncio.run(run())


def _demand_status(status: str) -> None:
    if status not in STATUSES:
        raise OperatorError(f"--status: {status!r} is none of {', '.join(STATUSES)}.")


def _counted(count: int) -> str:
    return f"{count} dead letter{'' if count == 1 else 's'}"


def _print(row: DeadLetterRow) -> None:
    """Prints a line that can wrap rather than a table, which would truncate keys on a narrow terminal."""
    key = (row.key or b"").decode(errors="backslashreplace")
    where = f"{row.topic} partition {row.partition} offset {row.offset} key {key}"
    out.print(f"{row.id}  {row.status}  {row.reason}  {row.consumer}  {where}  {row.seen_at:%Y-%m-%d %H:%M:%S} UTC")
