"""Migrations: every service has its own Alembic scripts; their `env.py` and the `migrate` command share this module.

Each migration is a transaction of its own: what it locks is free again before the next one begins, and one that is stopped is
started again by the next run.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import UtcDateTime

#: A migration waits for a table for so long, since all who want the table then wait behind it.
LOCK_MS = 5_000
#: A lock was not to be had in time, or the migration was undone for the sake of somebody else who waited for one.
_IN_USE = ("55P03", "40P01")
#: The key of the lock that whoever migrates holds: any number that nothing else of the database uses.
_MIGRATES = 7_201_936


def run(metadata: Sequence[MetaData]) -> None:
    """The whole body of a service's `migrations/env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection, metadata)
        return
    asyncio.run(_migrate_url(str(context.config.get_main_option("sqlalchemy.url")), metadata))


async def _migrate_url(url: str, metadata: Sequence[MetaData]) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: Sequence[MetaData]) -> None:
    context.configure(
        connection=connection,
        target_metadata=list(metadata),
        compare_type=True,
        render_item=_render,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Render column types as plain SQLAlchemy, so that old revisions do not depend on the present code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def config(package: str) -> Config:
    """Alembic's configuration for the scripts in `<package>/migrations`."""
    with as_file(files(package)) as folder:
        settings = Config()
        settings.set_main_option("script_location", str(Path(folder) / "migrations"))
        settings.set_main_option("path_separator", "os")
        return settings


async def migrate(store: Store, package: str) -> None:
    """Upgrade the database to the newest revision. Raises DatabaseAway, and OperatorError if the database is newer than this
    version, a table is in use all the time, or another process migrates."""
    await store.ping()
    settings = config(package)

    def upgrade(connection: Connection) -> None:
        if not store.is_sqlite:
            event.listen(connection, "begin", _wait_briefly)
            _demand_alone(connection, package)
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        finally:
            if not store.is_sqlite:
                _leave(connection)

    try:
        async with store.connection() as connection:
            await connection.run_sync(upgrade)
    except CommandError as error:
        raise OperatorError(_not_ours(package, await _revision(store))) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _IN_USE:
            raise
        raise OperatorError(_in_use(package, await _revision(store))) from error


def _demand_alone(connection: Connection, package: str) -> None:
    """For as long as the connection lasts. Two that migrate would undo each other's indexes. Raises OperatorError."""
    with connection.begin():
        alone = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_MIGRATES})").scalar_one()
    if not alone:
        raise OperatorError(f"The database of {package} is being migrated by another process. Wait until it has ended.")


def _leave(connection: Connection) -> None:
    """A pool may keep the connection, and with it the lock. One that is lost has left the lock already."""
    with suppress(DBAPIError):
        connection.rollback()
        with connection.begin():
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATES})")


def commit_at_once(statement: str) -> None:
    """Of a migration on PostgreSQL: what follows the statement no longer holds its lock. It waits for its table as briefly as
    all others, which a block of autocommit does not, and may be taken again, in case the migration is stopped later."""
    brief = f"PERFORM set_config('lock_timeout', '{LOCK_MS}', true)"
    with op.get_context().autocommit_block():
        op.execute(f"DO $$ BEGIN {brief}; {statement}; END $$")


def _wait_briefly(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MS}")


async def require_migrated(store: Store, package: str) -> None:
    """Raises OperatorError if the database is not at the revision that this code needs, and DatabaseAway."""
    scripts = ScriptDirectory.from_config(config(package))
    current, head = await _revision(store), scripts.get_current_head()
    if current == head:
        return
    if current is not None and current not in {each.revision for each in scripts.walk_revisions()}:
        raise OperatorError(_not_ours(package, current))
    found = "has no tables" if current is None else f"is at revision {current}, not {head}"
    raise OperatorError(f"The database of {package} {found}: run `makersync {package} migrate`.")


async def _revision(store: Store) -> str | None:
    def revision(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with store.connection() as connection:
        return await connection.run_sync(revision)


def _in_use(package: str, current: str | None) -> str:
    return (
        f"A table of {package} was in use for {LOCK_MS / 1000:g} seconds, so the migration that comes after revision {current} "
        "was undone; those before it are done. Exports and backups take long: when they have ended, run "
        f"`makersync {package} migrate` again."
    )


def _not_ours(package: str, current: str | None) -> str:
    return (
        f"The database of {package} is at revision {current}, which this version does not know: a newer one made it. Run that "
        "one, or restore what was backed up before it."
    )
