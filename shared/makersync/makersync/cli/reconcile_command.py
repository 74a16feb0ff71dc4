"""`makersync reconcile`: shows where a service's store and topics differ, and lets an operator choose which side wins."""

import asyncio
import getpass
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker, Progress, TopicPartition
from makersync.broker.topics import check_topics
from makersync.cli.confirming import confirm
from makersync.cli.ending_sessions import sign_all_out
from makersync.cli.messages import operator_errors
from makersync.clock import Clock, WallClock
from makersync.effects.agreement import settle
from makersync.effects.divergence import Case, Divergence, Divergences, find_divergences
from makersync.effects.log_identity import recognise_log
from makersync.effects.reconciling import Choice, Reconciliation, Report, SubjectSelection, sole_publisher
from makersync.effects.restored_store import mend, was_restored
from makersync.errors import OperatorError
from makersync.runtime.documents import installed_service
from makersync.runtime.service import Context, ServiceDefinition, context_of, own_topics
from makersync.settings import Settings
from makersync.store.migrations import require_migrated

app = typer.Typer(
    invoke_without_command=True,
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)
out = Console(highlight=False, soft_wrap=True, markup=False)
DIFFERS = 1
AfterReconciling = Callable[[AsyncSession, Clock], Awaitable[None]]


@app.callback()
def reconcile(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    take_log: Annotated[bool, typer.Option("--take-log", help="Change the database to the state in the log.")] = False,
    above: Annotated[
        bool, typer.Option("--above", help="Keep the database; publish it with versions above the log's.")
    ] = False,
    kind: Annotated[list[str] | None, typer.Option(help="Only subjects of this kind. Can be repeated.")] = None,
    subject: Annotated[list[str] | None, typer.Option(help="Only the subject with this id. Can be repeated.")] = None,
    show: Annotated[int, typer.Option(min=0, help="The number of subjects to print.")] = 50,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Compare a service's database with the topics that it publishes, and make them agree.

    Use it after the database was restored from a backup, or when the service reports that its store is behind its log.
    Without --take-log or --above it only shows the differences. --take-log changes the database to what the log says, signs
    everybody out of the pages and ends invitations, since these are those of the backup; --above
    keeps the database and publishes its state with versions above the log's. Either way, a learner who was erased according
    to the log is erased. Matching supports --take-log alone. Status 1: differences are left.

    Example: makersync reconcile learners --take-log --kind cohort"""
    with operator_errors():
        choice = _choice(take_log, above)
        run = ReconcileRun(installed_service(service), SubjectSelection(_set(kind), _set(subject)), show)
        run.demand_kinds()
        if choice is not None:
            confirm(_question(service, choice), yes)
        differs = asyncio.run(run.show() if choice is None else run.reconcile(choice))
    raise typer.Exit(DIFFERS if differs else 0)


def _choice(take_log: bool, above: bool) -> Choice | None:
    if take_log and above:
        raise OperatorError("--take-log and --above exclude each other.")
    return Choice.TAKE_LOG if take_log else Choice.ABOVE if above else None


def _set(values: list[str] | None) -> frozenset[str] | None:
    return frozenset(values) if values else None


def _question(service: str, choice: Choice) -> str:
    if choice is Choice.TAKE_LOG:
        return f"Change the database of {service} to the state in the log, and sign everybody out of its pages?"
    return f"Publish the state in the database of {service} with versions above the log's?"


@dataclass(frozen=True, slots=True)
class ReconcileRun:
    """One run of the command; `most` is the number of subjects that it shows."""

    definition: ServiceDefinition
    selection: SubjectSelection
    most: int

    def demand_kinds(self) -> None:
        """Raises OperatorError."""
        make = self.definition.reconciler
        kinds = [] if make is None else list(make(WallClock()).kinds)
        if self.selection.kinds is not None and not self.selection.kinds <= set(kinds):
            known = ", ".join(kinds) or "none: it is restored as a whole"
            raise OperatorError(f"--kind: the kinds of {self.definition.name} are {known}.")

    async def show(self) -> bool:
        """Returns whether anything differs."""
        context, broker = await self._open()
        try:
            found = await self._compare(context, broker)
            async with context.store.reading() as session:
                restored = await was_restored(session)
        finally:
            await _close(context, broker)
        self._print(found)
        if restored:
            out.print(
                f"The database was restored: `makersync reconcile {self.definition.name} --take-log` starts the feeds over."
            )
        return bool(found.cases) or restored

    async def reconcile(self, choice: Choice) -> bool:
        """Returns whether anything is left to reconcile."""
        context, broker = await self._open()
        try:
            return await self._reconcile(context, broker, choice)
        finally:
            await _close(context, broker)

    async def _open(self) -> tuple[Context, Broker]:
        context = context_of(self.definition, Settings())
        broker = KafkaBroker(context.settings)
        try:
            await require_migrated(context.store, self.definition.name)
            await check_topics(broker, self.definition.topics, context.settings)
        except BaseException:
            await _close(context, broker)
            raise
        return context, broker

    async def _reconcile(self, context: Context, broker: Broker, choice: Choice) -> bool:
        actor, make = getpass.getuser(), self.definition.reconciler
        log_id = await recognise_log(context.store, broker, "refuse")
        async with sole_publisher(context.store, context.clock, self.definition.name, f"reconcile by {actor}") as lease:
            if choice is Choice.TAKE_LOG and self.definition.site is not None:
                await sign_all_out(context.store, out)
            if make is None:
                await self._restore(context, broker, choice)
                return False
            cases = (await self._compare(context, broker)).cases
            own = own_topics(self.definition, context.settings)
            reconciler, afterwards = make(context.clock), await self._afterwards(context, broker, log_id)
            run = Reconciliation(context.store, context.clock, context.outbox, reconciler, own, lease, actor, afterwards)
            report = await run.run(cases, choice, self.selection)
        _print_report(report, len(cases))
        return bool(report.left)

    async def _afterwards(self, context: Context, broker: Broker, log_id: str) -> AfterReconciling | None:
        if (start_over := self.definition.when_reconciled) is None:
            return None
        notes = {each.name: await broker.progress(each.name) for each in self.definition.consumers(context)}
        return partial(_start_over, start_over, log_id, notes)

    async def _restore(self, context: Context, broker: Broker, choice: Choice) -> None:
        if self.definition.restorer is None or choice is Choice.ABOVE:
            raise OperatorError(f"What {self.definition.name} holds follows from topics: only --take-log is possible.")
        count = await self.definition.restorer(context, broker)
        async with context.store.transaction() as session:
            await settle(session, context.clock, own_topics(self.definition, context.settings))
        out.print(f"{count} rows are rewritten from the topics. The service evaluates, and publishes what differs.")

    async def _compare(self, context: Context, broker: Broker) -> Divergences:
        make, console = self.definition.reconciler, Console(stderr=True)
        final = frozenset[str]() if make is None else make(context.clock).final_types
        with Bar(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("Reading the topics")

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            count = context.settings.partitions
            return await find_divergences(context.store, broker, self.definition.topics, count, final, progress)

    def _print(self, found: Divergences) -> None:
        name, chosen = self.definition.name, [case for case in found.cases if self.selection.includes(self._kind(case), case)]
        counts = Counter((self._kind(case), case.difference) for case in chosen)
        for (kind, difference), count in sorted(counts.items()):
            out.print(f"{count}  {kind}: {difference}")
        for case in chosen[: self.most]:
            out.print(f"{self._kind(case)} {case.subject}: {_line(case)}")
        if len(chosen) > self.most:
            out.print(f"... and {len(chosen) - self.most} more: --show {len(chosen)} shows all.")
        if found.unreadable:
            out.print(f"{found.unreadable} keys of the log hold nothing that can be read, and the store knows nothing of them.")
        if found.cases:
            out.print(f"Nothing was changed. `makersync reconcile {name} --take-log`, or `--above`, brings them together.")
        else:
            out.print(f"Store and log of {name} agree on {found.keys} keys.")

    def _kind(self, case: Case) -> str:
        make = self.definition.reconciler
        return case.topic if make is None else make(WallClock()).kind_of(case.topic, case.subject)


async def _start_over(
    start_over: AfterReconciling,
    log_id: str,
    notes: Mapping[str, Mapping[TopicPartition, Progress]],
    session: AsyncSession,
    clock: Clock,
) -> None:
    await start_over(session, clock)
    await mend(session, log_id, notes)


async def _close(context: Context, broker: Broker) -> None:
    await broker.close()
    await context.store.close()


def _print_report(report: Report, cases: int) -> None:
    for what, count in sorted(report.reconciled.items()):
        out.print(f"{count}  {what}")
    for case, why in report.left:
        out.print(f"left: {case.subject}: {why}")
    done = sum(report.reconciled.values())
    out.print(f"{done} of {cases} subjects are brought together; {report.published} events will be published above the log.")


def _line(case: Case) -> str:
    stored, logged = case.stored, max(case.logged, key=lambda one: one.event.version, default=None)
    ours = "nothing" if stored is None else _described(stored.version, stored.type, f"{stored.time:%Y-%m-%d %H:%M:%S}")
    theirs = "nothing that can be read"
    if logged is not None:
        theirs = _described(logged.event.version, logged.event.type, f"{logged.event.time:%Y-%m-%d %H:%M:%S}")
    foreign = f"; another writer has published version {case.floor}" if case.difference is Divergence.FOREIGN else ""
    return f"{case.difference}; the store has {ours}, the log {theirs}{foreign}"


def _described(version: int, kind: str, at: str) -> str:
    return f"version {version} ({kind.partition('.')[2]}, {at})"
