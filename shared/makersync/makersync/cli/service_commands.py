"""The commands that every service has: migrate, bootstrap, operator-keys, operators, members, serve, healthcheck."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx
import typer
from rich.console import Console

from makersync.cli.key_commands import add_bootstrap, operator_key_commands
from makersync.cli.member_commands import member_commands
from makersync.cli.messages import operator_errors
from makersync.cli.operator_commands import operator_commands
from makersync.errors import OperatorError
from makersync.runtime.documents import installed_service
from makersync.runtime.process import ServiceProcess
from makersync.runtime.service import Context, ServiceDefinition, context_of, database_file, require_database
from makersync.settings import Settings
from makersync.store.migrations import migrate, require_migrated
from makersync.telemetry import configure_logging

out = Console(highlight=False, soft_wrap=True)
GARBAGE_AFTER = 50_000
T = TypeVar("T")


def service_commands(name: str) -> typer.Typer:
    """The command group `makersync <name>`; the service is loaded only when a command needs it."""
    app = typer.Typer(help=f"Run and operate the {name} service. Example: makersync {name} serve", no_args_is_help=True)

    @app.command("migrate", help=f"Create the tables, or upgrade them to this version. Example: makersync {name} migrate")
    def migrate_command() -> None:
        with operator_errors():
            _make_folder(name)
            run_with_context(name, lambda context: migrate(context.store, name), is_new=True)
        out.print(f"The database of {name} is at the newest revision.")

    def run(step: Callable[[Context], Coroutine[Any, Any, T]]) -> T:
        return run_with_context(name, step)

    add_bootstrap(app, name, run)
    app.add_typer(operator_key_commands(name, run), name="operator-keys")
    app.add_typer(operator_commands(name, run), name="operators")
    app.add_typer(member_commands(name, run), name="members")

    @app.command(
        "serve", help=f"Run the service until it receives SIGTERM. Example: MAKERSYNC_HTTP_PORT=8101 makersync {name} serve"
    )
    def serve_command() -> None:
        with operator_errors():
            settings = Settings()
            require_database(name, settings)
            definition = installed_service(name)
            configure_logging(settings, name)
            _run(_serve(definition))

    @app.command("healthcheck", help=f"Exit with status 0 if the service is ready. Example: makersync {name} healthcheck")
    def healthcheck_command() -> None:
        with operator_errors():
            settings = Settings()
            _demand_ready(f"http://127.0.0.1:{settings.inner_port or settings.http_port}/readyz")

    return app


def run_with_context(service: str, step: Callable[[Context], Coroutine[Any, Any, T]], is_new: bool = False) -> T:
    """Run one step of a command with the wiring of an installed service.

    Raises OperatorError unless the database exists and is at this version's revision; with `is_new`, the step itself creates or
    upgrades it.
    """

    definition = installed_service(service)

    async def run() -> T:
        context = context_of(definition, Settings(), is_new)
        try:
            if not is_new:
                await require_migrated(context.store, definition.name)
            return await step(context)
        finally:
            await context.store.close()

    return _run(run())


def _make_folder(name: str) -> None:
    file = database_file(name, Settings())
    if file is None:
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"The folder {file.parent} cannot be made: {error.strerror}. Set MAKERSYNC_STATE_FOLDER."
        ) from error


async def _serve(definition: ServiceDefinition) -> None:
    # The objects of a batch are freed with it; searching for cycles every few hundred objects takes a fifth of a busy service's
    # time.
    gc.set_threshold(GARBAGE_AFTER, 20, 50)
    await ServiceProcess(definition, context_of(definition, Settings())).run()


def _run(main: Coroutine[Any, Any, T]) -> T:
    try:
        import uvloop
    except ImportError:  # not built for Windows
        return asyncio.run(main)
    return uvloop.run(main)


def _demand_ready(url: str) -> None:
    try:
        answer = httpx.get(url, timeout=5)
    except httpx.HTTPError as error:
        raise OperatorError(f"Nothing answers at {url}: is the service running?") from error
    if answer.status_code != httpx.codes.OK:
        raise OperatorError(f"Not ready: {answer.text}")
